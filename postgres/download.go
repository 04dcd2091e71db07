package postgres

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// downloadable is what embedded-postgres has of the versions we take; the last one is for new clusters.
var downloadable = []struct {
	major   int
	version embeddedpostgres.PostgresVersion
}{
	{15, embeddedpostgres.V15}, {16, embeddedpostgres.V16}, {17, embeddedpostgres.V17}, {18, embeddedpostgres.V18},
}

// downloadedDirs lists what earlier downloads left, newest first.
func downloadedDirs(p *place) []string {
	found, err := filepath.Glob(filepath.Join(p.home, "binaries", "*", "bin"))
	if err != nil {
		return nil // home has a character that Glob takes for a pattern: download again
	}
	slices.Reverse(found)
	return found
}

// download fetches PostgreSQL into home/binaries/MAJOR. It appears there whole or not at all.
func download(ctx context.Context, p *place, major int, repository string, log *slog.Logger) (binaries, error) {
	if major == 0 {
		major = downloadable[len(downloadable)-1].major
	}
	at := slices.IndexFunc(downloadable, func(d struct {
		major   int
		version embeddedpostgres.PostgresVersion
	}) bool {
		return d.major == major
	})
	if at < 0 {
		return binaries{}, fmt.Errorf("there is no PostgreSQL %d to download", major)
	}
	root := filepath.Join(p.home, "binaries")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return binaries{}, err
	}
	work, err := os.MkdirTemp(root, ".new-")
	if err != nil {
		return binaries{}, err
	}
	defer os.RemoveAll(work)
	log.Info("PostgreSQL isn't installed; downloading it", "version", string(downloadable[at].version))
	unpacked := filepath.Join(work, "unpacked")
	if err := unpack(ctx, work, unpacked, major, downloadable[at].version, repository); err != nil {
		return binaries{}, err
	}
	if err := readable(unpacked); err != nil {
		return binaries{}, err
	}
	final := filepath.Join(root, strconv.Itoa(major))
	if err := os.RemoveAll(final); err != nil {
		return binaries{}, err
	}
	if err := os.Rename(unpacked, final); err != nil {
		return binaries{}, err
	}
	b := binaries{dir: filepath.Join(final, "bin")}
	if b.major, err = versionOf(ctx, b.postgres(), p.who); err != nil {
		return binaries{}, fmt.Errorf("what was downloaded doesn't run here: %w", err)
	}
	return b, nil
}

// unpack has embedded-postgres download and unpack. That library has no call for this alone,
// only a Start that goes on to run what it unpacked. A data folder that names the right
// version and holds nothing else makes that last part end at once, in a harmless error: what
// counts is whether the programs are there.
func unpack(ctx context.Context, work, into string, major int, version embeddedpostgres.PostgresVersion,
	repository string) error {
	hollow := filepath.Join(work, "hollow")
	if err := os.Mkdir(hollow, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(hollow, "PG_VERSION"), []byte(strconv.Itoa(major)+"\n"), 0o600); err != nil {
		return err
	}
	free, err := freePort()
	if err != nil {
		return err
	}
	config := embeddedpostgres.DefaultConfig().Version(version).Port(free).Logger(io.Discard).
		CachePath(filepath.Join(work, "cache")).RuntimePath(filepath.Join(work, "runtime")).
		DataPath(hollow).BinariesPath(into)
	if repository != "" {
		config = config.BinaryRepositoryURL(repository)
	}
	// The library takes no context: on cancellation it is left to end by itself.
	ended := make(chan error, 1)
	go func() { ended <- embeddedpostgres.NewDatabase(config).Start() }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		return ctx.Err()
	}
	for _, program := range []string{"postgres", "initdb"} {
		if _, statErr := os.Stat(filepath.Join(into, "bin", program)); statErr != nil {
			if err == nil {
				err = statErr
			}
			return err
		}
	}
	return nil
}

// freePort is one that is free; the library looks before it downloads.
func freePort() (uint32, error) {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return 0, err
	}
	number := l.Addr().(*net.TCPAddr).Port
	return uint32(number), l.Close()
}

// readable lets PostgreSQL's user read and run what was unpacked, whatever our umask is.
func readable(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if info.IsDir() || mode&0o100 != 0 {
			mode |= 0o111
		}
		return os.Chmod(path, mode)
	})
}
