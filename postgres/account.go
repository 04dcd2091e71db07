package postgres

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is who PostgreSQL runs as: ourselves, or an unprivileged user when we are root,
// because PostgreSQL refuses to run as root.
type account struct {
	name     string
	uid, gid int
	cred     *syscall.Credential // nil when it is ourselves
}

// fallbackID is the number of `nobody` wherever there is such a user, and free where there isn't.
const fallbackID = 65534

// chooseAccount prefers the owner of existing data, so that a cluster keeps its account when
// the user `postgres` appears on or disappears from the machine later.
func chooseAccount(data string) (account, error) {
	if euid := os.Geteuid(); euid != 0 {
		return account{name: "this user", uid: euid, gid: os.Getegid()}, nil
	}
	if info, err := os.Stat(data); err == nil {
		if st := info.Sys().(*syscall.Stat_t); st.Uid != 0 {
			return newAccount(fmt.Sprintf("uid %d", st.Uid), int(st.Uid), int(st.Gid)), nil
		}
	} else if !os.IsNotExist(err) {
		return account{}, fmt.Errorf("looking at the data folder: %w", err)
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue // whatever the reason, the next one will do
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if uidErr == nil && gidErr == nil && uid != 0 {
			return newAccount(name, uid, gid), nil
		}
	}
	return newAccount(fmt.Sprintf("uid %d", fallbackID), fallbackID, fallbackID), nil
}

func newAccount(name string, uid, gid int) account {
	return account{name: name, uid: uid, gid: gid,
		cred: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// own gives path to the account; nothing to do when that is ourselves.
func (a account) own(path string) error {
	if a.cred == nil {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// ownTree gives a whole folder to the account, unless it has it already.
func (a account) ownTree(root string) error {
	if a.cred == nil {
		return nil
	}
	info, err := os.Lstat(root)
	if err != nil {
		return err
	}
	if int(info.Sys().(*syscall.Stat_t).Uid) == a.uid {
		return nil
	}
	// The root comes last: its owner says whether the walk was finished.
	err = filepath.Walk(root, func(path string, _ os.FileInfo, err error) error {
		if err != nil || path == root {
			return err
		}
		return a.own(path)
	})
	if err != nil {
		return err
	}
	return a.own(root)
}

// reaches reports whether the account may walk to path and enter (or execute) it, by the
// permission bits of path and of every folder above. path must be absolute and free of links.
// Access lists aren't read: where only they grant access the answer is a needless no.
func (a account) reaches(path string) bool {
	if a.cred == nil {
		return true
	}
	for p := path; ; p = filepath.Dir(p) {
		info, err := os.Stat(p)
		if err != nil {
			return false
		}
		st, mode := info.Sys().(*syscall.Stat_t), info.Mode().Perm()
		bit := os.FileMode(0o001)
		switch {
		case int(st.Uid) == a.uid:
			bit = 0o100
		case int(st.Gid) == a.gid:
			bit = 0o010
		}
		if mode&bit == 0 {
			return false
		}
		if p == filepath.Dir(p) {
			return true
		}
	}
}
