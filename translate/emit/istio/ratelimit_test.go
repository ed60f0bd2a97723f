package istio

import (
	"fmt"
	"testing"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// A further Ingress with limits that others have must not change the filter: a change starts every count anew, and the
// object would grow out of bounds.
func TestTheRateLimitFilterDoesNotGrowWithTheIngresses(t *testing.T) {
	u := &rateLimits{}
	for i := range 1000 {
		u.use(&model.RateLimit{Zone: fmt.Sprintf("shop/%d", i), PerSecond: 10, Burst: 5, Status: 503}, false)
	}
	if n := len(u.sorted()); n != 1 {
		t.Errorf("%d descriptors", n)
	}
	u.use(&model.RateLimit{Zone: "shop/other", PerSecond: 10, PerMinute: 10, Burst: 5, Exempt: []string{"10.0.0.0/8"}, Status: 503}, false)
	if n := len(u.sorted()); n != 3 {
		t.Errorf("%d descriptors", n)
	}
}

func TestBucketsStayWithinBounds(t *testing.T) {
	s := limitSize{unit: "rps", limit: 1 << 31, burst: 1 << 31}
	b := (&rateLimits{}).descriptor(s).TokenBucket
	if b.MaxTokens != 4294967295 || b.TokensPerFill.Value != 1<<31 {
		t.Errorf("%v", b)
	}
}
