package operator

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
)

func TestWhoMaySeeMetrics(t *testing.T) {
	asked := 0
	now := time.Unix(0, 0)
	g := &gate{
		log: logr.Discard(), now: func() time.Time { return now }, known: map[[sha256.Size]byte]verdict{},
		next: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }),
		who: func(_ context.Context, token string) (authenticationv1.UserInfo, bool, error) {
			asked++
			if token == "broken" {
				return authenticationv1.UserInfo{}, false, errors.New("no API server")
			}
			return authenticationv1.UserInfo{Username: token}, token != "stranger", nil
		},
		may: func(_ context.Context, u authenticationv1.UserInfo, path, verb string) (bool, error) {
			return u.Username == "prometheus" && path == "/metrics" && verb == "get", nil
		},
	}
	ask := func(authorization string) int {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		return w.Code
	}
	var got []int
	for _, a := range []string{"", "Basic prometheus", "Bearer ", "Bearer stranger", "Bearer ann", "Bearer broken", "Bearer prometheus", "bearer prometheus"} {
		got = append(got, ask(a))
	}
	if diff := cmp.Diff([]int{401, 401, 401, 401, 403, 500, 200, 200}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if asked != 4 {
		t.Errorf("the API server was asked %d times", asked)
	}
	now = now.Add(rememberYes)
	ask("Bearer prometheus")
	if asked != 5 {
		t.Error("an answer is believed for ever")
	}
	for i := range 3 * mostVerdicts {
		ask("Bearer stranger" + string(rune('a'+i%26)) + time.Duration(i).String())
	}
	if len(g.known) > mostVerdicts {
		t.Errorf("%d answers are remembered", len(g.known))
	}
}
