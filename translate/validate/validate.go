// Package validate checks emitted objects the way the API server, Istio's webhook and Envoy would, before they are printed.
//
// Fast is pure and quick and covers the kinds that this program emits. The subpackage full holds the slow oracle: the
// published CRD schemas with their CEL rules.
package validate

import (
	"fmt"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"
	istionet "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Problem is one reason why an object would be refused, or would not do what it says.
type Problem struct {
	Object string // manifest.Object.ID()
	Field  string // path of the field, as in YAML: spec.http[2].redirect
	Reason string
}

// String is "Kind namespace/name: field: reason".
func (p Problem) String() string {
	if p.Field == "" {
		return p.Object + ": " + p.Reason
	}
	return p.Object + ": " + p.Field + ": " + p.Reason
}

// Fast checks each object, and the set as a whole. The problems come in the order of the objects.
func Fast(objs []*manifest.Object) []Problem { return FastWith(objs, nil) }

// FastWith is Fast for a set that will live beside existing Gateways.
func FastWith(objs []*manifest.Object, existing []*snapshot.Gateway) []Problem {
	k := &Checker{keep: true}
	k.start()
	for _, o := range objs {
		k.Add(o)
	}
	return k.Problems(objs, existing)
}

// check is one run: what was found so far, and what need not be checked twice.
type check struct {
	problems []Problem
	obj      *manifest.Object // under check

	fineHeaders map[*istionet.Headers]bool // without problems

	regexes  map[string]string // pattern to what is wrong with it, "" for nothing
	formats  map[string]string // header value to what is wrong with it
	patches  map[patchKey]*patch
	flawless map[packedKey]bool // what is packed into patches
	filters  filterUse          // HTTP filters and what routes configure of them

	routeNames map[string]bool // that the routes of VirtualServices without delegates have
	texts      map[string]string
	notText    map[protoreflect.FullName][]protoreflect.FieldDescriptor // see values.go

	patchValues []any // values of the patches of the EnvoyFilter under check, when it is a tree
}

func newCheck() *check {
	return &check{
		fineHeaders: map[*istionet.Headers]bool{}, regexes: map[string]string{}, formats: map[string]string{}, patches: map[patchKey]*patch{}, flawless: map[packedKey]bool{},
		routeNames: map[string]bool{}, texts: map[string]string{}, notText: map[protoreflect.FullName][]protoreflect.FieldDescriptor{},
	}
}

// at is a place in an object. It is only spelled out when something is wrong there.
type at struct {
	up    *at
	name  string
	index int // of a list; -1 when the place is a field
}

var specPlace = at{name: "spec", index: -1}

func (p *at) field(name string) at { return at{up: p, name: name, index: -1} }
func (p *at) item(i int) at        { return at{up: p, index: i} }
func (p *at) key(k string) at      { return at{up: p, name: "[" + k + "]", index: -1} }

func (p *at) append(b []byte) []byte {
	if p.up != nil {
		b = p.up.append(b)
	}
	switch {
	case p.index >= 0:
		return append(strconv.AppendInt(append(b, '['), int64(p.index), 10), ']')
	case len(b) > 0 && p.name[0] != '[':
		return append(append(b, '.'), p.name...)
	}
	return append(b, p.name...)
}

func (p *at) String() string {
	if p == nil {
		return ""
	}
	return string(p.append(nil))
}

// bad notes a problem at sub below p; sub may be empty.
func (c *check) bad(p *at, sub, format string, args ...any) {
	field := p.String()
	if sub != "" {
		if field != "" && sub[0] != '[' {
			field += "."
		}
		field += sub
	}
	c.problems = append(c.problems, Problem{Object: c.obj.ID(), Field: field, Reason: fmt.Sprintf(format, args...)})
}
