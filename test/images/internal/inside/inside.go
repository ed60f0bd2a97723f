// Package inside runs a program as a container runtime does: in a file system of its own, as some user, with a network or without.
package inside

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// Program is what runs, and in what.
type Program struct {
	Root     string  // the folder that it sees as /
	ReadOnly bool    // it may not write there
	Mounts   []Mount // what else it sees, in this order
	User     int     // also its only group
	Network  bool    // it has the network of this process, or else none, not even a loopback that is up
	Args     []string
	Env      []string
	Dir      string // where it starts
}

// Mount is a folder or file that stands somewhere else inside.
type Mount struct {
	From, To string
	ReadOnly bool
}

// argument is the first one of this program when it is to become another.
const argument = "become-a-program-inside"

// Command gives a program that can be started. This program has to call Become before all else.
func Command(ctx context.Context, p Program) (*exec.Cmd, error) {
	for _, m := range append([]Mount{{From: p.Root, To: "/"}}, p.Mounts...) {
		if err := mountPoint(m.From, filepath.Join(p.Root, m.To)); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "/proc/self/exe", argument, string(text))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if !p.Network {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWNET
	}
	if !anyUser() {
		// Where this process cannot become others: a user namespace that has no user but the program's.
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: p.User, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: p.User, HostID: os.Getgid(), Size: 1}}
		cmd.SysProcAttr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_SYS_CHROOT}
	}
	return cmd, nil
}

// anyUser tells whether this process is root of more users than itself.
func anyUser() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	var first, outside, size int
	if _, scan := fmt.Sscan(string(text), &first, &outside, &size); err != nil || scan != nil {
		return false
	}
	return os.Getuid() == 0 && size > 65535
}

// mountPoint makes what something can be mounted on, as a runtime does in an image that lacks it.
func mountPoint(from, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.MkdirAll(to, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, nil, 0o644)
}

// Become makes this process the program inside if that is what it was started for; it returns if not.
func Become() {
	if len(os.Args) != 3 || os.Args[1] != argument {
		return
	}
	fmt.Fprintln(os.Stderr, "no program inside:", become(os.Args[2]))
	os.Exit(125) // as docker run says it
}

func become(text string) error {
	var p Program
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return err
	}
	if err := mount(p); err != nil {
		return err
	}
	if err := unix.Chroot(p.Root); err != nil {
		return fmt.Errorf("chroot: %w", err)
	}
	if err := os.Chdir(p.Dir); err != nil {
		return err
	}
	if err := leave(p.User); err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", p.Args[0], unix.Exec(p.Args[0], p.Args, p.Env))
}

// mount arranges what is below the root; it is seen by this process only.
func mount(p Program) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keeping mounts private: %w", err)
	}
	all := append([]Mount{{From: p.Root, To: "/"}}, p.Mounts...)
	for _, m := range all {
		if err := unix.Mount(m.From, filepath.Join(p.Root, m.To), "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("mounting %s on %s: %w", m.From, m.To, err)
		}
	}
	all[0].ReadOnly = p.ReadOnly
	for _, m := range all {
		if !m.ReadOnly {
			continue
		}
		attributes := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
		if err := unix.MountSetattr(unix.AT_FDCWD, filepath.Join(p.Root, m.To), 0, attributes); err != nil {
			return fmt.Errorf("making %s read-only: %w", m.To, err)
		}
	}
	return nil
}

// leave gives up all rights, and those that could be had again.
func leave(user int) error {
	if os.Getuid() != user {
		if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(user), syscall.Setuid(user)); err != nil {
			return fmt.Errorf("becoming user %d: %w", user, err)
		}
	}
	// It ends with who started it; another user has forgotten that.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0, 0, 0); err != nil || user == 0 {
		return err
	}
	return errors.Join(
		unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
		unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
	)
}
