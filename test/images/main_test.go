package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/ingress2gw/ingress2gw/test/images/internal/inside"
)

// inNetwork says that the tests have a network of their own, where the ports of Deployments are free.
const inNetwork = "IMAGES_IN_A_NETWORK"

func TestMain(m *testing.M) {
	inside.Become()
	syscall.Umask(0o022)
	if os.Getenv(inNetwork) == "" {
		os.Exit(again())
	}
	if err := loopbackUp(); err != nil {
		fmt.Fprintln(os.Stderr, "loopback:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// again runs the tests in a network of their own.
func again() int {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), inNetwork+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	if err := cmd.Run(); cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, "this machine allows no network namespaces:", err)
		return 1
	}
	return cmd.ProcessState.ExitCode()
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

// image is what was built.
type image struct {
	Variant
	dir    string
	config ocispecs.Image
}

// root is the folder with its files.
func (i *image) root() string { return filepath.Join(i.dir, "root") }

// built is all that was built, by name.
func built(t *testing.T) map[string]*image {
	t.Helper()
	dir := os.Getenv("IMAGES")
	require.NotEmpty(t, dir, "IMAGES names no folder with images: run make images")
	images := map[string]*image{}
	for _, v := range Variants() {
		i := &image{Variant: v, dir: filepath.Join(dir, v.Name)}
		text, err := os.ReadFile(filepath.Join(i.dir, "config.json"))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &i.config))
		images[v.Name] = i
	}
	return images
}
