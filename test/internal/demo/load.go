package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
)

// gateway is where the gateway answers.
func gateway() string { return fmt.Sprintf("http://127.0.0.1:%d", cluster.HTTPPort) }

// shadow is where the shadow gateway answers.
func shadow() string { return fmt.Sprintf("http://127.0.0.1:%d", cluster.Shadow().HTTPPort) }

// ask sends one request for a host to a server.
func ask(ctx context.Context, client *http.Client, base, host, path string) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return 0, err
	}
	r.Host = host
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

// traffic is a client that asks again and again.
type traffic struct {
	what string
	stop context.CancelFunc
	done sync.WaitGroup

	mu    sync.Mutex
	sent  int
	wrong map[string]int // by what was wrong
}

// between is the pause between two requests.
const between = 10 * time.Millisecond

// drive starts asking for a host; every answer must be 200.
func drive(ctx context.Context, base, host, path string) *traffic {
	t := &traffic{what: host + path, wrong: map[string]int{}}
	ctx, t.stop = context.WithCancel(ctx)
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	t.done.Go(func() {
		defer client.CloseIdleConnections()
		for ; ctx.Err() == nil; time.Sleep(between) {
			status, err := ask(ctx, client, base, host, path)
			if ctx.Err() != nil {
				return
			}
			t.mu.Lock()
			t.sent++
			switch {
			case err != nil:
				t.wrong[err.Error()]++
			case status != http.StatusOK:
				t.wrong[fmt.Sprintf("status %d", status)]++
			}
			t.mu.Unlock()
		}
	})
	return t
}

// end stops and tells how it went.
func (t *traffic) end() (sent, failed int, why string) {
	t.stop()
	t.done.Wait()
	var whys []string
	for what, n := range t.wrong {
		failed += n
		whys = append(whys, fmt.Sprintf("%d times %s", n, what))
	}
	slices.Sort(whys)
	return t.sent, failed, strings.Join(whys, ", ")
}
