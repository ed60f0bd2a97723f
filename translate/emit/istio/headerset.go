package istio

import (
	"maps"
	"slices"

	networking "istio.io/api/networking/v1alpha3"
)

// Header operations are never changed once they are made: entries that do the same share one message, which then is packed
// and checked once. Most entries take the same few steps to it, so each step is taken once.

// headerStep leads from some operations to others.
type headerStep struct {
	from *networking.Headers
	does string // all that the step does
}

// direction says whose headers are changed.
type direction byte

const (
	ofRequest  direction = 'q'
	ofResponse direction = 'p'
)

// setHeader sets a header, addHeader appends a value and removeHeader removes it.
func (e *emitter) setHeader(x *entry, d direction, name, value string) {
	var b [256]byte
	key := append(append(append(append(b[:0], 's', byte(d)), name...), 0), value...)
	e.changeHeaders(x, key, d, func(o *networking.Headers_HeaderOperations) {
		if o.Set == nil {
			o.Set = map[string]string{}
		}
		o.Set[name] = value
	})
}

func (e *emitter) addHeader(x *entry, d direction, name, value string) {
	var b [256]byte
	key := append(append(append(append(b[:0], 'a', byte(d)), name...), 0), value...)
	e.changeHeaders(x, key, d, func(o *networking.Headers_HeaderOperations) {
		if o.Add == nil {
			o.Add = map[string]string{}
		}
		o.Add[name] = value
	})
}

func (e *emitter) removeHeader(x *entry, d direction, name string) {
	var b [256]byte
	key := append(append(b[:0], 'r', byte(d)), name...)
	e.changeHeaders(x, key, d, func(o *networking.Headers_HeaderOperations) { o.Remove = append(o.Remove, name) })
}

// changeHeaders takes a step.
func (e *emitter) changeHeaders(x *entry, key []byte, d direction, change func(*networking.Headers_HeaderOperations)) {
	from := x.http.Headers
	if to := e.headerSteps[headerStep{from, string(key)}]; to != nil {
		x.http.Headers = to
		return
	}
	to := &networking.Headers{Request: copyOperations(from.GetRequest()), Response: copyOperations(from.GetResponse())}
	of := &to.Request
	if d == ofResponse {
		of = &to.Response
	}
	if *of == nil {
		*of = &networking.Headers_HeaderOperations{}
	}
	change(*of)
	if e.headerSteps == nil {
		e.headerSteps = map[headerStep]*networking.Headers{}
	}
	e.headerSteps[headerStep{from, string(key)}] = to
	x.http.Headers = to
}

func copyOperations(o *networking.Headers_HeaderOperations) *networking.Headers_HeaderOperations {
	if o == nil {
		return nil
	}
	return &networking.Headers_HeaderOperations{Set: maps.Clone(o.Set), Add: maps.Clone(o.Add), Remove: slices.Clone(o.Remove)}
}
