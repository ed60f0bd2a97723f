package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
)

// redirectsSkipped tells why the controller skips all redirect annotations of an Ingress, from-to-www-redirect and
// relative-redirects among them; "" if it does not. It reads them one after the other and gives up at the first that has
// no value.
func redirectsSkipped(in *annotations.Ingress) string {
	for _, key := range []string{"from-to-www-redirect", "relative-redirects", "temporal-redirect"} {
		if hollow(in, key) {
			return skipped(key + " is empty")
		}
	}
	if to := in.Text("temporal-redirect"); to != "" {
		switch {
		case hollow(in, "temporal-redirect-code"):
			return skipped("temporal-redirect-code is empty")
		case !strings.HasPrefix(to, "http://") && !strings.HasPrefix(to, "https://"):
			return skipped("the address is neither http nor https")
		}
		return ""
	}
	for _, key := range []string{"permanent-redirect", "permanent-redirect-code"} {
		if hollow(in, key) {
			return skipped(key + " is empty")
		}
	}
	return ""
}

func skipped(why string) string {
	return why + ", so the controller skips all redirect annotations of the Ingress"
}

// hollow tells whether an annotation is there without a value.
func hollow(in *annotations.Ingress, key string) bool {
	v, written := in.Written(key)
	return written && v == ""
}
