package nginx

import (
	"errors"
	"net"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
)

// cidrs accepts a list of networks and addresses, of IPv4 and IPv6; an empty entry spoils it.
func cidrs(v string) error {
	if v == "" {
		return nil
	}
	for s := range strings.SplitSeq(v, ",") {
		s = strings.TrimSpace(s)
		if s == "" {
			return errors.New("empty entry in the list")
		}
		if _, _, err := net.ParseCIDR(s); err != nil && net.ParseIP(s) == nil {
			return errors.New(annotations.Quote(s) + " is no address or network")
		}
	}
	return nil
}

// someCIDRs is cidrs for keys where the controller takes an empty value for a broken list.
func someCIDRs(v string) error {
	if v == "" {
		return errors.New("empty list")
	}
	return cidrs(v)
}
