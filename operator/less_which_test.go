package operator

import (
	"slices"
	"strings"
	"testing"
)

// The tests that take single rights away, and the variant of the chart of which each does.
const (
	lessToWrite    = "to write"
	lessOfTeams    = "to write Gateways of teams"
	lessToRead     = "to read"
	lessToFollow   = "to read what is applied"
	lessOfItsOwn   = "of its own"
	lessToBegin    = "to begin"
	lessOfSecrets  = "to read a Secret"
	lessOfHostList = "to keep the list of hosts"
)

func lessOf(test string) (variant string) {
	switch test {
	case lessOfTeams:
		return "guard-team-gateways"
	case lessOfHostList:
		return "guard"
	}
	return "certificates"
}

// takenBy is the test that takes a right away.
func (r right) takenBy(own string) string {
	where, _, _ := strings.Cut(r.kind(own), ":")
	switch {
	case r.verb != "list" && r.verb != "watch":
	case r.group == "" || r.group == "networking.k8s.io" || r.group == "ingress2gw.io":
		return lessToRead
	default:
		return lessToFollow
	}
	switch {
	case where == "in its own namespace", slices.Contains([]string{"tokenreviews", "subjectaccessreviews"}, r.resource), r.resource == "configmaps" && r.verb == "get":
		return lessToBegin
	case r.resource == "configmaps":
		return lessOfHostList
	case r.resource == "secrets" && r.name != "":
		return lessOfSecrets
	case r.group == "ingress2gw.io" || r.resource == "events":
		return lessOfItsOwn
	case r.resource == "gateways" && where == "everywhere":
		return lessOfTeams
	}
	return lessToWrite
}

// Each right that a variant of the chart gives is one that some test takes away: each test compares what it took with what it is to take.
func TestEachRightIsTakenAway(t *testing.T) {
	for _, variant := range tried {
		objects := rendered(t, variant)
		own := deployment(t, objects).Namespace
		for _, r := range rightsOf(t, objects) {
			test := r.takenBy(own)
			if has := kindsOfRights(t, rendered(t, lessOf(test))); !slices.Contains(has, r.kind(own)) {
				t.Errorf("%s: %s is not taken away %s: that variant does not have it", variant, r.kind(own), test)
			}
		}
	}
}
