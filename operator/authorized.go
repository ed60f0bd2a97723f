package operator

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	authenticationclient "k8s.io/client-go/kubernetes/typed/authentication/v1"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// authorized lets those see metrics who may get their path, as the API server knows them. What comes with the libraries for this
// holds most of an API server.
func authorized(config *rest.Config, c *http.Client) (metricsserver.Filter, error) {
	authn, err := authenticationclient.NewForConfigAndClient(config, c)
	if err != nil {
		return nil, err
	}
	authz, err := authorizationclient.NewForConfigAndClient(config, c)
	if err != nil {
		return nil, err
	}
	return func(log logr.Logger, next http.Handler) (http.Handler, error) {
		return &gate{
			next: next, log: log, now: time.Now, known: map[[sha256.Size]byte]verdict{},
			who: func(ctx context.Context, token string) (authenticationv1.UserInfo, bool, error) {
				r, err := authn.TokenReviews().Create(ctx, &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}, metav1.CreateOptions{})
				if err != nil {
					return authenticationv1.UserInfo{}, false, err
				}
				return r.Status.User, r.Status.Authenticated, nil
			},
			may: func(ctx context.Context, u authenticationv1.UserInfo, path, verb string) (bool, error) {
				r, err := authz.SubjectAccessReviews().Create(ctx, access(u, path, verb), metav1.CreateOptions{})
				if err != nil {
					return false, err
				}
				return r.Status.Allowed, nil
			},
		}, nil
	}, nil
}

func access(u authenticationv1.UserInfo, path, verb string) *authorizationv1.SubjectAccessReview {
	extra := map[string]authorizationv1.ExtraValue{}
	for k, v := range u.Extra {
		extra[k] = authorizationv1.ExtraValue(v)
	}
	return &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: u.Username, UID: u.UID, Groups: u.Groups, Extra: extra,
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: path, Verb: verb},
	}}
}

// gate asks who somebody is and whether he may, and remembers the answer for a while.
type gate struct {
	next http.Handler
	log  logr.Logger
	now  func() time.Time
	who  func(ctx context.Context, token string) (authenticationv1.UserInfo, bool, error)
	may  func(ctx context.Context, u authenticationv1.UserInfo, path, verb string) (bool, error)

	mu    sync.Mutex
	known map[[sha256.Size]byte]verdict
}

type verdict struct {
	status int
	until  time.Time
}

const (
	rememberYes  = time.Minute
	rememberNo   = 10 * time.Second
	mostVerdicts = 1000
)

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") || token == "" {
		http.Error(w, "a token of a service account is needed", http.StatusUnauthorized)
		return
	}
	if status := g.ask(r.Context(), token, r.URL.Path, strings.ToLower(r.Method)); status != http.StatusOK {
		http.Error(w, http.StatusText(status), status)
		return
	}
	g.next.ServeHTTP(w, r)
}

func (g *gate) ask(ctx context.Context, token, path, verb string) int {
	key := sha256.Sum256([]byte(verb + "\x00" + path + "\x00" + token))
	g.mu.Lock()
	v, ok := g.known[key]
	g.mu.Unlock()
	if ok && g.now().Before(v.until) {
		return v.status
	}
	status, err := g.decide(ctx, token, path, verb)
	if err != nil {
		g.log.Error(err, "Access to metrics cannot be decided")
		return http.StatusInternalServerError
	}
	keep := rememberNo
	if status == http.StatusOK {
		keep = rememberYes
	}
	g.mu.Lock()
	if len(g.known) >= mostVerdicts {
		clear(g.known)
	}
	g.known[key] = verdict{status, g.now().Add(keep)}
	g.mu.Unlock()
	return status
}

func (g *gate) decide(ctx context.Context, token, path, verb string) (int, error) {
	user, ok, err := g.who(ctx, token)
	if err != nil || !ok {
		return http.StatusUnauthorized, err
	}
	if ok, err = g.may(ctx, user, path, verb); err != nil || !ok {
		return http.StatusForbidden, err
	}
	return http.StatusOK, nil
}
