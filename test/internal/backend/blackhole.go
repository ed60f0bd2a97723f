package backend

import (
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// blackhole never completes a connection: a listening socket that nobody accepts from, with its queue full, so that the
// kernel leaves further connection attempts unanswered.
type blackhole struct {
	socket  int
	fillers []net.Conn
}

// fillPatience is how long an attempt may hang before the queue counts as full; loopback answers in microseconds.
const fillPatience = 100 * time.Millisecond

func openBlackhole(address string) (*blackhole, error) {
	addr, err := net.ResolveTCPAddr("tcp4", address)
	if err != nil {
		return nil, err
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("black hole at %s: %w", address, err)
	}
	b := &blackhole{socket: socket}
	sa := &unix.SockaddrInet4{Port: addr.Port, Addr: [4]byte(addr.IP.To4())}
	err = errors.Join(
		unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
		unix.Bind(socket, sa),
		unix.Listen(socket, 0),
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("black hole at %s: %w", address, err), b.Close())
	}
	for range 16 {
		c, err := net.DialTimeout("tcp", address, fillPatience)
		if err != nil {
			return b, nil // full
		}
		b.fillers = append(b.fillers, c)
	}
	return nil, errors.Join(fmt.Errorf("black hole at %s: still accepts connections", address), b.Close())
}

// Close frees the address.
func (b *blackhole) Close() error {
	errs := []error{unix.Close(b.socket)}
	for _, c := range b.fillers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
