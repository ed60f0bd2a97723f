package nginx

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinesOfAddressesBecomeSets(t *testing.T) {
	type sets struct {
		Allow, Deny []string
		Nobody      bool
	}
	deny := func(c string) accessStatement { return accessStatement{deny: true, cidr: c} }
	allow := func(c string) accessStatement { return accessStatement{cidr: c} }
	for name, c := range map[string]struct {
		before []string
		lines  []accessStatement
		want   sets
	}{
		"some are refused":                          {nil, []accessStatement{deny("10.1.0.0/16"), allow("")}, sets{Deny: []string{"10.1.0.0/16"}}},
		"without an end everybody else passes":      {nil, []accessStatement{deny("10.1.0.0/16")}, sets{Deny: []string{"10.1.0.0/16"}}},
		"some alone may pass":                       {nil, []accessStatement{allow("10.1.0.0/16"), allow("::1/128"), deny("")}, sets{Allow: []string{"10.1.0.0/16", "::1/128"}}},
		"nobody may pass":                           {nil, []accessStatement{deny("")}, sets{Nobody: true}},
		"lines behind the end count for nothing":    {nil, []accessStatement{allow(""), deny("10.0.0.0/8")}, sets{}},
		"an exception in front is taken out":        {nil, []accessStatement{allow("10.0.0.0/9"), deny("10.0.0.0/8")}, sets{Deny: []string{"10.128.0.0/9"}}},
		"a refusal in front is taken out":           {nil, []accessStatement{deny("10.0.0.1/32"), allow("10.0.0.0/30"), deny("")}, sets{Allow: []string{"10.0.0.0/32", "10.0.0.2/31"}}},
		"an exception that covers all is all":       {nil, []accessStatement{allow("10.0.0.0/8"), deny("10.1.0.0/16")}, sets{}},
		"lists of annotations come first":           {[]string{"10.1.0.0/16"}, []accessStatement{allow("10.0.0.0/15"), deny("")}, sets{Allow: []string{"10.0.0.0/16"}}},
		"refusals add to those of annotations":      {[]string{"10.1.0.0/16"}, []accessStatement{deny("10.2.0.0/16")}, sets{Deny: []string{"10.1.0.0/16", "10.2.0.0/16"}}},
		"networks of IPv6 are cut as well":          {nil, []accessStatement{allow("fd00::/9"), deny("fd00::/8")}, sets{Deny: []string{"fd80::/9"}}},
		"the families do not touch each other":      {nil, []accessStatement{allow("::/0"), deny("0.0.0.0/0")}, sets{Deny: []string{"0.0.0.0/0"}}},
		"all that may pass was refused: nobody may": {[]string{"10.0.0.0/8"}, []accessStatement{allow("10.1.0.0/16"), deny("")}, sets{Nobody: true}},
	} {
		t.Run(name, func(t *testing.T) {
			var got sets
			got.Allow, got.Deny, got.Nobody = addressSets(c.before, c.lines)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
