package postgres

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// secrets holds the passwords of one cluster, kept in Dir/secrets for our eyes only.
type secrets struct {
	Super string `json:"superuser"`
	App   string `json:"orbit"`
}

// loadSecrets reads the passwords. known is false when there were none: fresh ones are in
// s.secrets then, on disk only if the cluster is still to be made with them. With an existing
// cluster they are saved once the cluster has them, so that a crash between can't part the two.
func (s *Server) loadSecrets() (known bool, err error) {
	path := filepath.Join(s.place.dir, "secrets")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		s.secrets = secrets{Super: rand.Text(), App: rand.Text()}
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the database passwords: %w", err)
	}
	if err := json.Unmarshal(text, &s.secrets); err != nil || s.secrets.Super == "" || s.secrets.App == "" {
		return false, fmt.Errorf("%s is damaged: delete it and new passwords are set at the next start", path)
	}
	return true, nil
}

func (s *Server) saveSecrets() error {
	text, err := json.Marshal(s.secrets)
	if err != nil {
		return fmt.Errorf("saving the database passwords: %w", err)
	}
	if err := writeFile(filepath.Join(s.place.dir, "secrets"), append(text, '\n')); err != nil {
		return fmt.Errorf("saving the database passwords: %w", err)
	}
	return nil
}

// writeFile replaces path as a whole, readable by its owner only, and returns when it is on disk.
func writeFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
