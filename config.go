package main

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/caarlos0/env/v11"

	"orbit360.app/handlers/wire"
	"orbit360.app/logs"
	"orbit360.app/mail"
	"orbit360.app/media"
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// config is the environment, checked. Nothing else in the program reads it.
type config struct {
	Addr              string       `env:"ADDR" envDefault:":3000"`
	BaseDomain        string       `env:"BASE_DOMAIN" envDefault:"localhost"`
	PublicURL         string       `env:"PUBLIC_URL"`
	DatabaseURL       string       `env:"DATABASE_URL"`
	DatabaseAppURL    string       `env:"DATABASE_APP_URL"`
	DataDir           string       `env:"DATA_DIR" envDefault:"./data"`
	AdminEmail        string       `env:"ADMIN_EMAIL"`
	AdminPassword     string       `env:"ADMIN_PASSWORD"`
	TwoStepReset      string       `env:"TWO_STEP_RESET"`
	SecretKey         orbit.Secret `env:"SECRET_KEY"`
	SecretKeyOld      orbit.Secret `env:"SECRET_KEY_OLD"`
	SecretKeyPrevious orbit.Secret `env:"SECRET_KEY_PREVIOUS"` // what SECRET_KEY_OLD was called
	SMTPURL           string       `env:"SMTP_URL"`
	MailFrom          string       `env:"MAIL_FROM"`
	SupportEmail      string       `env:"SUPPORT_EMAIL"`
	BlobURL           string       `env:"BLOB_URL"`
	TrustedProxies    []string     `env:"TRUSTED_PROXIES"`
	MetricsAddr       string       `env:"METRICS_ADDR"`
	Outbound          string       `env:"OUTBOUND" envDefault:"send"`
	StripeAPI         string       `env:"STRIPE_API_URL"`
	PayPalAPI         string       `env:"PAYPAL_API_URL"`
	DrainDelay        string       `env:"DRAIN_DELAY" envDefault:"0s"`
	LogLevel          string       `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat         string       `env:"LOG_FORMAT" envDefault:"text"`
	AccessLog         string       `env:"ACCESS_LOG" envDefault:"off"`
	// the process that gets sockets, and how many: systemd sets both
	ListenPID int `env:"LISTEN_PID"`
	ListenFDs int `env:"LISTEN_FDS"`

	addresses orbit.Addresses
	secret    []byte
	smtp      *mail.Server
	from      netmail.Address
	proxies   []netip.Prefix
	level     slog.Level
	hold      bool // nothing leaves the platform: OUTBOUND
	drain     time.Duration
}

// loadConfig reads and checks the environment. Its error is one line that names the variable and what it takes.
func loadConfig() (config, error) {
	cfg, err := env.ParseAs[config]()
	if err != nil {
		return cfg, err
	}
	if name := unsuitable(cfg); name != "" {
		return cfg, fmt.Errorf("%s holds a line break or NUL; it takes one line", name)
	}
	for _, check := range []func(*config) error{
		(*config).checkAddresses, (*config).checkAdmin, (*config).checkSecret, (*config).checkMail, (*config).checkLog,
		(*config).checkProxies, (*config).checkDatabase, (*config).checkBlobs, (*config).checkOutbound, (*config).checkDrain,
		(*config).checkProviders,
	} {
		if err := check(&cfg); err != nil {
			return cfg, err
		}
	}
	return cfg, nil
}

// unsuitable returns the name of a variable with a value that can't be intended.
func unsuitable(cfg config) string {
	v := reflect.ValueOf(cfg)
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Tag.Get("env") != "" && v.Field(i).Kind() == reflect.String &&
			strings.ContainsAny(v.Field(i).String(), "\r\n\x00") {
			return f.Tag.Get("env")
		}
	}
	return ""
}

// portOf is the port of an address to listen on, "" where it is none.
func portOf(addr string) string {
	_, port, err := net.SplitHostPort(addr) // an empty host is every interface
	if n, atoiErr := strconv.Atoi(port); err != nil || atoiErr != nil || n < 1 || n > 65535 {
		return ""
	}
	return port
}

func (c *config) checkAddresses() error {
	port := portOf(c.Addr)
	if port == "" {
		return fmt.Errorf("ADDR is %q; it takes an address to listen on such as :3000 or 127.0.0.1:3000", c.Addr)
	}
	if c.MetricsAddr != "" && portOf(c.MetricsAddr) == "" {
		return fmt.Errorf("METRICS_ADDR is %q; it takes an address to listen on such as 127.0.0.1:9090, or nothing",
			c.MetricsAddr)
	}
	normal, err := orbit.NormalizeHost(c.BaseDomain)
	if err != nil || normal != c.BaseDomain || orbit.IsIP(normal) {
		return fmt.Errorf("BASE_DOMAIN is %q; it takes a host name in lower case without a port, such as orbit360.app",
			c.BaseDomain)
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://" + c.BaseDomain
		if port != "80" {
			c.PublicURL += ":" + port
		}
	}
	if c.addresses, err = orbit.ParseAddresses(c.PublicURL, c.BaseDomain); err != nil {
		return fmt.Errorf("PUBLIC_URL is %q; it %w", c.PublicURL, err)
	}
	return nil
}

func (c *config) checkAdmin() error {
	if (c.AdminEmail == "") != (c.AdminPassword == "") {
		return errors.New("ADMIN_EMAIL and ADMIN_PASSWORD go together: set both, or neither for a one-time link")
	}
	if c.AdminEmail == "" {
		return nil
	}
	email, err := orbit.ParseEmail(c.AdminEmail)
	if err != nil {
		return fmt.Errorf("ADMIN_EMAIL is %q; it takes an email address such as name@example.com", c.AdminEmail)
	}
	c.AdminEmail = email
	if err := orbit.CheckPassword(c.AdminPassword); err != nil {
		return fmt.Errorf("ADMIN_PASSWORD isn't usable: %w", err)
	}
	return nil
}

func (c *config) checkMail() (err error) {
	if c.MailFrom == "" {
		c.MailFrom = "ORBIT360 <no-reply@" + c.BaseDomain + ">"
	}
	if c.from, err = mail.ParseFrom(c.MailFrom); err != nil {
		return fmt.Errorf("MAIL_FROM %w", err)
	}
	if c.SupportEmail != "" {
		if c.addresses.SupportEmail, err = orbit.ParseEmail(c.SupportEmail); err != nil {
			return fmt.Errorf("SUPPORT_EMAIL is %q; it takes an email address such as help@example.com", c.SupportEmail)
		}
	}
	if c.SMTPURL == "" {
		return nil
	}
	server, err := mail.ParseSMTPURL(c.SMTPURL)
	if err != nil {
		return fmt.Errorf("SMTP_URL %w", err)
	}
	c.smtp = &server
	return nil
}

func (c *config) checkLog() error {
	if err := c.level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return fmt.Errorf("LOG_LEVEL is %q; it takes debug, info, warn or error", c.LogLevel)
	}
	if c.AccessLog != "on" && c.AccessLog != "off" {
		return fmt.Errorf("ACCESS_LOG is %q; it takes on or off", c.AccessLog)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return fmt.Errorf("LOG_FORMAT is %q; it takes text or json", c.LogFormat)
	}
	return nil
}

func (c *config) checkProxies() error {
	for _, s := range c.TrustedProxies {
		p, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err != nil {
			return fmt.Errorf("TRUSTED_PROXIES holds %q; it takes networks such as 10.0.0.0/8,127.0.0.1/32", s)
		}
		c.proxies = append(c.proxies, p)
	}
	return nil
}

func (c *config) checkDatabase() error {
	for name, value := range map[string]string{"DATABASE_URL": c.DatabaseURL, "DATABASE_APP_URL": c.DatabaseAppURL} {
		// The value isn't repeated: it holds a password.
		if value != "" && !strings.HasPrefix(value, "postgres://") && !strings.HasPrefix(value, "postgresql://") {
			return fmt.Errorf("%s takes postgres://user:password@host:5432/database", name)
		}
	}
	if c.DatabaseAppURL != "" && c.DatabaseURL == "" {
		return errors.New("DATABASE_APP_URL needs DATABASE_URL: it is the role to serve as on the same database")
	}
	abs, err := filepath.Abs(c.DataDir)
	if err != nil {
		return fmt.Errorf("DATA_DIR is %q; it takes a folder: %w", c.DataDir, err)
	}
	c.DataDir = abs
	return nil
}

// checkBlobs comes after checkDatabase, which makes DATA_DIR absolute.
func (c *config) checkBlobs() error {
	if c.BlobURL == "" {
		c.BlobURL = media.FolderURL(filepath.Join(c.DataDir, "media"))
	}
	if u, err := url.Parse(c.BlobURL); err != nil || (u.Scheme != "file" && u.Scheme != "s3") ||
		(u.Scheme == "file" && !strings.HasPrefix(u.Path, "/")) || (u.Scheme == "s3" && u.Host == "") {
		// The value isn't repeated: it may hold a key.
		return errors.New(
			"BLOB_URL takes file:///folder or s3://bucket?region=eu-central-1, or nothing for a folder in DATA_DIR")
	}
	return nil
}

func (c *config) checkOutbound() error {
	c.hold = c.Outbound == "hold"
	if !c.hold && c.Outbound != "send" {
		return fmt.Errorf("OUTBOUND is %q; it takes send or hold", c.Outbound)
	}
	return nil
}

// checkProviders takes stand-ins for providers of payments on this machine, for tests.
func (c *config) checkProviders() error {
	for name, value := range map[string]string{"STRIPE_API_URL": c.StripeAPI, "PAYPAL_API_URL": c.PayPalAPI} {
		if _, err := orbit.LoopbackURL(value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// maxDrain bounds DRAIN_DELAY: no load balancer needs longer to look away.
const maxDrain = time.Minute

func (c *config) checkDrain() (err error) {
	if c.drain, err = time.ParseDuration(c.DrainDelay); err != nil || c.drain < 0 || c.drain > maxDrain {
		return fmt.Errorf("DRAIN_DELAY is %q; it takes a duration from 0s to 60s, such as 5s", c.DrainDelay)
	}
	return nil
}

func (c *config) checkSecret() error {
	// The values aren't repeated.
	key, old, previous := c.SecretKey.Reveal(), c.SecretKeyOld.Reveal(), c.SecretKeyPrevious.Reveal()
	if key != "" && len(key) < 32 {
		return errors.New(
			"SECRET_KEY is too short; it takes at least 32 characters, such as the output of: openssl rand -base64 32")
	}
	if old != "" && previous != "" && old != previous {
		return errors.New("SECRET_KEY_OLD and its older name SECRET_KEY_PREVIOUS differ; set SECRET_KEY_OLD alone")
	}
	if old == "" {
		c.SecretKeyOld, old = c.SecretKeyPrevious, previous
	}
	if old != "" && old != keyLost && len(old) < 32 {
		return errors.New("SECRET_KEY_OLD is too short; it takes the key that SECRET_KEY replaces, or the word lost")
	}
	return nil
}

// keyLost as SECRET_KEY_OLD has a new key taken where the old one is gone, and what it encrypted with it.
const keyLost = "lost"

// oldKey returns the key that SECRET_KEY replaces, nil where there is none or it is lost.
func (c config) oldKey() []byte {
	if old := c.SecretKeyOld.Reveal(); old != "" && old != keyLost {
		return []byte(old)
	}
	return nil
}

// secretKeys returns the keys for what is encrypted in the database.
func (c config) secretKeys() orbit.SecretKeys {
	if old := c.oldKey(); old != nil {
		return orbit.NewSecretKeys(c.secret, old)
	}
	return orbit.NewSecretKeys(c.secret)
}

// loadSecret takes SECRET_KEY, or the key that an earlier start made in DATA_DIR, or makes one there.
func (c *config) loadSecret(random func() []byte) error {
	if !c.SecretKey.IsZero() {
		c.secret = []byte(c.SecretKey.Reveal())
		return nil
	}
	path := filepath.Join(c.DataDir, "secret-key")
	key, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if err = writeSecret(path, []byte(base64.StdEncoding.EncodeToString(random()))); err == nil {
			key, err = os.ReadFile(path) // ours, or that of another start at the same time
		}
	}
	if err != nil {
		return fmt.Errorf("the generated secret key in DATA_DIR: %w", err)
	}
	if c.secret = key; len(key) < 32 {
		return fmt.Errorf("%s is damaged: it holds %d bytes, at least 32 are needed", path, len(key))
	}
	return nil
}

// writeSecret writes a file whole or not at all, and leaves one that is there alone.
func writeSecret(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // for its owner alone
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // a leftover holds nothing that is used
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return os.Rename(f.Name(), path) // a file system without links
	}
	return nil
}

// key returns the secret key as the database knows it.
func (c config) key() (pg.Key, error) {
	fingerprint := func(secret []byte) (string, error) {
		b, err := derive(secret, "orbit360 fingerprint", 16)
		return hex.EncodeToString(b), err
	}
	var k pg.Key
	var err error
	if k.Fingerprint, err = fingerprint(c.secret); err != nil {
		return k, err
	}
	k.Lost = c.SecretKeyOld.Reveal() == keyLost
	if old := c.oldKey(); old != nil {
		k.Old, err = fingerprint(old)
	}
	return k, err
}

// derive returns a key for one purpose, made of the secret key.
func derive(secret []byte, purpose string, length int) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, nil, purpose, length)
}

// logger returns a logger to standard error. What says the same thing many times, as every request does while the
// database is away, is written a few times and counted; flush writes the counts.
func logger(cfg config) (log *slog.Logger, flush func()) {
	s := logs.Sample(cfg.logHandler(cfg.level), logs.Options{Period: 10 * time.Second, Burst: 50, PerError: 5})
	return slog.New(s), s.Flush
}

// accessLog returns a logger for a line about each request, whatever the level of the rest; nil without ACCESS_LOG.
func accessLog(cfg config) *slog.Logger {
	if cfg.AccessLog != "on" {
		return nil
	}
	return slog.New(cfg.logHandler(slog.LevelInfo))
}

func (c config) logHandler(level slog.Level) slog.Handler {
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		options.ReplaceAttr = milliseconds
		return slog.NewJSONHandler(os.Stderr, options)
	}
	return slog.NewTextHandler(os.Stderr, options)
}

// milliseconds writes a duration as a number with its unit in the name: slog's JSON has bare nanoseconds.
func milliseconds(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() != slog.KindDuration {
		return a
	}
	return slog.Float64(a.Key+"_ms", math.Round(float64(a.Value.Duration())/1e3)/1e3)
}

// firstSocket is where sockets that are handed over begin (sd_listen_fds(3)).
const firstSocket = 3

// socket is where this process will answer: the socket that a supervisor hands over and keeps holding, so that no
// connection is lost between a process and its successor, or one of our own at ADDR.
type socket struct {
	addr     string
	listener net.Listener // nil until open, where that is best left until this process can answer
}

// socket takes the socket, or makes sure that there can be one. A process with a database of its own is the only one,
// and what comes while it starts waits for it. One that may have others beside it listens when it can answer: until
// then connections are refused, and a load balancer asks another.
func (c *config) socket() (*socket, error) {
	if c.ListenPID == os.Getpid() && c.ListenFDs != 0 {
		l, err := c.handedOver()
		return &socket{c.Addr, l}, err
	}
	if c.DatabaseURL != "" {
		return &socket{addr: c.Addr}, vacant("ADDR", c.Addr)
	}
	l, err := listen("ADDR", c.Addr)
	return &socket{c.Addr, l}, err
}

// open is the socket, listened on.
func (s *socket) open() (l net.Listener, err error) {
	if s.listener == nil {
		s.listener, err = listen("ADDR", s.addr)
	}
	return s.listener, err
}

// close closes the socket; that the server has done so already is no error.
func (s *socket) close() {
	if s.listener != nil {
		_ = s.listener.Close()
	}
}

// vacant reports at once whether an address is free: a second start must fail before it
// has done anything.
func vacant(variable, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if host == "" {
		host = "localhost"
	}
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), time.Second)
	if err != nil {
		return nil // no answer; any other fault shows when the program listens on it
	}
	_ = conn.Close() // nothing was said
	return inUse(variable, addr)
}

func inUse(variable, addr string) error {
	return fmt.Errorf("%s %s is in use by another program; is ORBIT360 running already? Stop it or set another %s",
		variable, addr, variable)
}

func (c *config) handedOver() (net.Listener, error) {
	if c.ListenFDs != 1 {
		return nil, fmt.Errorf("LISTEN_FDS is %d; it takes one socket, for ADDR", c.ListenFDs)
	}
	f := os.NewFile(firstSocket, "socket")
	l, err := net.FileListener(f)
	if closeErr := f.Close(); err == nil { // the listener has a copy of its own, which children don't get
		err = closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("LISTEN_FDS: what was handed over can't be listened on: %w", err)
	}
	return wire.Held{Listener: l}, nil
}

func listen(variable, addr string) (net.Listener, error) {
	l, err := wire.Listen(addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, inUse(variable, addr)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s can't be listened on: %w", variable, addr, err)
	}
	return l, nil
}
