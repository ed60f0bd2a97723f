package operator

import (
	"fmt"
	"net/http"
)

// readOnly is a connection to a cluster over which nothing can be written, whatever the account may do.
type readOnly struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (r readOnly) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodGet {
		return nil, fmt.Errorf("the operator only reads: %s %s is not sent", request.Method, request.URL.Path)
	}
	return r.next.RoundTrip(request)
}
