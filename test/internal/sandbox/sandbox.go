// Package sandbox gives each worker a network of its own, so that cases with the same addresses and ports run side by
// side and nothing leaves the machine.
package sandbox

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// Level is how much isolation the machine allows.
type Level string

// The levels, from strong to none.
const (
	Root  Level = "root"  // network and mount namespaces
	User  Level = "user"  // the same inside a user namespace, without being root
	Plain Level = "plain" // none: one worker at a time on the machine's own loopback
)

// Attributes of a worker process at this level; it dies with its parent.
func (l Level) Attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	switch l {
	case Root:
		a.Cloneflags = unix.CLONE_NEWNET | unix.CLONE_NEWNS
	case User:
		a.Cloneflags = unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWNS
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return a
}

// Isolated tells whether a worker has a network of its own.
func (l Level) Isolated() bool { return l != Plain }

// Levels to try, best first.
func Levels() []Level {
	if os.Getuid() == 0 {
		return []Level{Root, Plain}
	}
	return []Level{User, Plain}
}

// Enter finishes the isolation from inside the worker: loopback is brought up, and the resolver that the process and
// its children see becomes the one on the given address, port 53. Nothing needs to be undone: the namespaces end with
// the worker.
func Enter(resolver, dir string) error {
	if err := loopbackUp(); err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	conf := filepath.Join(dir, "resolv.conf")
	if err := os.WriteFile(conf, []byte("nameserver "+resolver+"\n"), 0o644); err != nil {
		return err
	}
	err := errors.Join(
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""), // our mounts stay ours
		unix.Mount(conf, "/etc/resolv.conf", "", unix.MS_BIND, ""),
	)
	if err != nil {
		return fmt.Errorf("resolver: %w", err)
	}
	return nil
}

// AddAddress makes a network, given by an address and the length of its mask, local to the loopback interface: all of its
// addresses can be listened on, as those of 127.0.0.0/8.
func AddAddress(prefix netip.Prefix) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo:1")
	if err != nil {
		return err
	}
	if err := request.SetInet4Addr(prefix.Addr().AsSlice()); err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFADDR, request); err != nil {
		return fmt.Errorf("address %s: %w", prefix, err)
	}
	if err := request.SetInet4Addr(net.CIDRMask(prefix.Bits(), 32)); err != nil {
		return err
	}
	return unix.IoctlIfreq(fd, unix.SIOCSIFNETMASK, request)
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
}
