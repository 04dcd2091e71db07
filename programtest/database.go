package programtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"orbit360.app/postgres"
)

// Database is a PostgreSQL with all its durability on, which outlives the program's deaths.
type Database struct {
	*postgres.Server
	dir string // removed with it, "" for a folder of somebody else's
}

// StartDatabase starts one in a folder, or in a temporary folder of its own where dir is empty.
func StartDatabase(ctx context.Context, dir string, settings map[string]string) (d *Database, err error) {
	d = &Database{}
	if dir == "" {
		if d.dir, err = Folder("database"); err != nil {
			return nil, err
		}
		dir = filepath.Join(d.dir, "pg")
	}
	if d.Server, err = postgres.Start(ctx, postgres.Config{Dir: dir, Settings: settings}); err != nil {
		return nil, errors.Join(err, d.remove())
	}
	return d, nil
}

// SuperURL returns the address of the program's database as its superuser, who looks past row-level security.
func (d *Database) SuperURL() string {
	return strings.Replace(d.Server.SuperURL(), "/postgres?", "/orbit360?", 1)
}

// Stop stops the server and removes what StartDatabase made.
func (d *Database) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return errors.Join(d.Server.Stop(ctx), d.remove())
}

func (d *Database) remove() error {
	if d.dir == "" {
		return nil
	}
	return os.RemoveAll(d.dir)
}

// Folder makes a temporary folder that other users may enter: PostgreSQL runs as one where the tests run as root.
func Folder(name string) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "orbit360-"+name+"-"); err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}
