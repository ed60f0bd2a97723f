package sandbox_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ingress2gw/ingress2gw/test/internal/sandbox"
)

// inside makes this program the one that is isolated.
const inside = "CONFORMANCE_SANDBOX_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(inside) == "" {
		os.Exit(m.Run())
	}
	if err := isolated(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// isolated checks from inside that loopback works, that a network was added to it, that nothing else is there, and whose
// resolver is used.
func isolated() error {
	dir, err := os.MkdirTemp("", "sandbox")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := sandbox.Enter("127.0.0.9", dir); err != nil {
		return err
	}
	if err := sandbox.AddAddress(netip.MustParsePrefix("10.10.0.1/16")); err != nil {
		return err
	}
	for _, address := range []string{"127.0.0.1:80", "127.10.3.4:80", "10.10.0.1:80", "10.10.200.7:80"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		if err := errors.Join(conn.Close(), l.Close()); err != nil {
			return err
		}
	}
	if l, err := net.Listen("tcp", "10.11.0.1:80"); err == nil {
		return errors.Join(errors.New("an address of another network is local"), l.Close())
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		return err
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp != 0 && i.Flags&net.FlagLoopback == 0 {
			return fmt.Errorf("interface %s is up", i.Name)
		}
	}
	text, err := os.ReadFile("/etc/resolv.conf")
	if err == nil && string(text) != "nameserver 127.0.0.9\n" {
		err = fmt.Errorf("resolver: %q", text)
	}
	return err
}

func TestTheBestLevelIsolates(t *testing.T) {
	before, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range sandbox.Levels() {
		if !level.Isolated() {
			t.Log("this machine allows no namespaces")
			break
		}
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), inside+"=1")
		cmd.SysProcAttr = level.Attributes()
		text, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			continue // not allowed here; the next level is tried
		}
		if err != nil {
			t.Errorf("level %s: %s", level, text)
		}
		break
	}
	after, err := os.ReadFile("/etc/resolv.conf")
	if err != nil || string(before) != string(after) {
		t.Errorf("the machine's own resolver changed: %q, %v", after, err)
	}
}

func TestAttributes(t *testing.T) {
	tests := map[sandbox.Level]struct {
		flags uintptr
		users int
	}{
		sandbox.Root:  {unix.CLONE_NEWNET | unix.CLONE_NEWNS, 0},
		sandbox.User:  {unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWNS, 1},
		sandbox.Plain: {0, 0},
	}
	for level, want := range tests {
		got := level.Attributes()
		if got.Cloneflags != want.flags || len(got.UidMappings) != want.users || len(got.GidMappings) != want.users {
			t.Errorf("%s: %+v", level, got)
		}
		if got.Pdeathsig != syscall.SIGKILL {
			t.Errorf("%s: would outlive its parent", level)
		}
	}
}

func TestLevelsEndWithNone(t *testing.T) {
	var names []string
	for _, l := range sandbox.Levels() {
		names = append(names, string(l))
	}
	want := "user plain"
	if os.Getuid() == 0 {
		want = "root plain"
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
