package operator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// ownOnly is a connection to a cluster over which nothing can be written but what the operator has to say, whatever the account may
// do: its own API, its lease, events, and questions about who may see metrics.
type ownOnly struct{ next http.RoundTripper }

var writable = [...]string{v1alpha1.GroupName, "coordination.k8s.io", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io"}

// RoundTrip implements http.RoundTripper.
func (r ownOnly) RoundTrip(request *http.Request) (*http.Response, error) {
	group, _, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, "/apis/"), "/")
	if request.Method != http.MethodGet && (!strings.HasPrefix(request.URL.Path, "/apis/") || !slices.Contains(writable[:], group)) {
		return nil, fmt.Errorf("the operator runs for previews only: %s %s is not sent", request.Method, request.URL.Path)
	}
	return r.next.RoundTrip(request)
}
