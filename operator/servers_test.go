//go:build envtest

package operator

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/internal/testcluster"
)

// server is the API server or etcd, which is started again as it was.
type server struct {
	t    *testing.T
	pid  int
	args []string
	now  *process // that was started again
}

// ends ends it. One that waits for others, as an API server does for watches, is killed then, as a kubelet does.
func (s *server) ends(how syscall.Signal) {
	s.t.Helper()
	if s.now != nil {
		s.now.signal(how)
		select {
		case <-s.now.ended:
		case <-time.After(5 * time.Second):
			s.now.signal(syscall.SIGKILL)
			<-s.now.ended
		}
		return
	}
	p, err := os.FindProcess(s.pid)
	require.NoError(s.t, err)
	require.NoError(s.t, p.Signal(how))
	for end := time.Now().Add(patience); p.Signal(syscall.Signal(0)) == nil; time.Sleep(20 * time.Millisecond) {
		require.True(s.t, time.Now().Before(end), "%s does not end", s.args[0])
	}
}

func (s *server) starts() {
	s.t.Helper()
	s.now = launch(s.t, nil, s.args[0], s.args[1:]...)
	s.pid = s.now.cmd.Process.Pid
}

// TestServersAreLost ends the API server and etcd in all ways, while hosts move.
func TestServersAreLost(t *testing.T) {
	istio, err := testcluster.Istio()
	require.NoError(t, err)
	c := alone(t, "../deploy/crds", istio)
	api, etcd := &server{t: t}, &server{t: t}
	api.pid, api.args = child(t, "kube-apiserver", c.env.ControlPlane.APIServer.SecureServing.Port)
	etcd.pid, etcd.args = child(t, "etcd", c.env.ControlPlane.Etcd.DataDir)
	t.Cleanup(func() { // after the site's, which needs them
		for _, x := range [...]*server{api, etcd} {
			if x.now != nil {
				x.now.kill()
			}
		}
	})
	lost := map[string]int{}
	defer func() { suffered(t, lost) }()
	s := c.site(t, "servers", func(m *v1alpha1.Migration) { m.Spec.Limits.Removals = 0 })
	f := s.fleet(5, 6, v1alpha1.PhaseLive)
	const stay = 2
	stop := c.operator(t, nil)
	f.arrive()
	stays := f.ofHosts(stay)
	h := s.record()
	move := func() {
		for range 4 {
			f.move(stay)
		}
		f.pause(300 * time.Millisecond)
	}
	for range rounds(t, 1) {
		move()
		api.ends(syscall.SIGKILL)
		api.starts()
		s.serves()
		move()
		api.ends(syscall.SIGTERM)
		f.pause(time.Second)
		api.starts()
		s.serves()
		move()
		etcd.ends(syscall.SIGKILL)
		f.pause(2 * time.Second)
		etcd.starts()
		s.serves()
		move()
		p, err := os.FindProcess(etcd.pid)
		require.NoError(t, err)
		require.NoError(t, p.Signal(syscall.SIGSTOP))
		time.Sleep(4 * time.Second)
		require.NoError(t, p.Signal(syscall.SIGCONT))
		s.serves()
		move()
		for _, what := range [...]string{"API servers killed", "API servers ended", "etcd killed", "etcd frozen"} {
			lost[what]++
		}
	}
	got := f.arrive()
	stop()
	check(t, h.ends(), stays)
	f.same(got)
}

// serves waits until the API server is ready.
func (s *site) serves() {
	s.t.Helper()
	h := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: 5 * time.Second} //nolint:gosec // the test's own
	defer h.CloseIdleConnections()
	s.eventually(func() error {
		r, err := h.Get("https://" + s.env.ControlPlane.APIServer.SecureServing.Address + ":" + s.env.ControlPlane.APIServer.SecureServing.Port + "/readyz")
		if err != nil {
			return err
		}
		defer r.Body.Close()
		if r.StatusCode != http.StatusOK {
			return fmt.Errorf("it answers %d", r.StatusCode)
		}
		return nil
	})
}
