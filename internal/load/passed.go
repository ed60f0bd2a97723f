package load

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// passedOver counts the objects of kinds that a translation does not look at.
type passedOver map[string]int

// maxKinds is how many kinds are counted each by itself: a file may be made of any number of them.
const maxKinds = 30

const oddKind = "other kinds"

func (p passedOver) add(kind string) {
	if _, known := p[kind]; !known && (len(p) >= maxKinds || len(kind) > 63 || strings.Trim(kind, letters) != "") {
		kind = oddKind
	}
	p[kind]++
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// reportPassedOver says in one finding which kinds were passed over, so that nobody waits for their translation.
func (r *reader) reportPassedOver() {
	if len(r.passed) == 0 {
		return
	}
	var kinds []string
	for _, k := range slices.Sorted(maps.Keys(r.passed)) {
		kinds = append(kinds, fmt.Sprintf("%s %d", k, r.passed[k]))
	}
	r.snapshot.Findings.Report(finding.ForeignKind, finding.Origin{Field: "kind"}, "the rest of the input ("+strings.Join(kinds, ", ")+")")
	r.passed = passedOver{}
}
