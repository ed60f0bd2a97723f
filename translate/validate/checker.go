package validate

import (
	"maps"
	"runtime"
	"sync"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Checker checks objects while others are still being made, and packs them when they are checked: the specifications of a
// fleet would fill the memory.
type Checker struct {
	queue   chan *manifest.Object
	keep    bool // objects stay as they are
	running sync.WaitGroup
	workers []*worker
}

type worker struct {
	check   *check
	results map[*manifest.Object]result
}

type result struct {
	view     view
	problems []Problem
}

// queued is how many objects may wait: enough for nobody to stand idle, too few to take much memory.
const queued = 256

// NewChecker starts checking. Problems must be called to end it.
func NewChecker() *Checker {
	k := &Checker{}
	k.start()
	return k
}

func (k *Checker) start() {
	k.queue = make(chan *manifest.Object, queued)
	k.workers = make([]*worker, runtime.GOMAXPROCS(0))
	for i := range k.workers {
		w := &worker{newCheck(), map[*manifest.Object]result{}}
		k.workers[i] = w
		k.running.Go(func() {
			packer := manifest.NewPacker()
			for o := range k.queue {
				spec := o.Spec
				if !k.keep {
					spec = packer.Pack(spec)
				}
				w.results[o] = w.check.one(o, spec)
				o.Spec = spec
			}
		})
	}
}

// Add takes an object that is complete: nothing of it may be changed, nor be read before Problems returns. EnvoyFilters wait:
// whether two of them insert one filter depends on their order.
func (k *Checker) Add(o *manifest.Object) {
	if o.Kind != "EnvoyFilter" {
		k.queue <- o
	}
}

// Problems ends checking, and gives the problems of the objects in their order, those added before and others, then those of
// the set that they are, beside existing Gateways.
func (k *Checker) Problems(objs []*manifest.Object, existing []*snapshot.Gateway) []Problem {
	close(k.queue)
	k.running.Wait()
	c := newCheck()
	for _, w := range k.workers {
		maps.Copy(c.routeNames, w.check.routeNames)
	}
	var problems []Problem
	views := make([]view, len(objs))
	for i, o := range objs {
		r, ok := k.resultOf(o)
		if !ok {
			r = c.one(o, o.Spec)
		}
		views[i] = r.view
		problems = append(problems, r.problems...)
	}
	c.problems = problems
	c.set(views, existing)
	return c.problems
}

func (k *Checker) resultOf(o *manifest.Object) (result, bool) {
	for _, w := range k.workers {
		if r, ok := w.results[o]; ok {
			return r, true
		}
	}
	return result{}, false
}

// one checks one object by itself. packed is its specification once more, packed if it can be.
func (c *check) one(o *manifest.Object, packed any) result {
	v := c.object(o, packed)
	r := result{v, c.problems}
	c.problems = nil
	return r
}
