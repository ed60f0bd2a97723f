package sync

import (
	"context"
	"maps"
	"sync"

	"github.com/ingress2gw/ingress2gw/operator/apply"
)

// keepPatches lets filters go on with those routes that are the team's, or are held: their names stand for settings, and stay what
// they were when a change of a setting gives the routes of others new ones. Without its patch a protected route is closed.
func (r *round) keepPatches(ctx context.Context, e *edge) error {
	p := r.phases()
	maps.DeleteFunc(r.m.routes, func(ref apply.Ref, _ []string) bool {
		d := e.desired[ref]
		return d == nil || stateOf(d, p) == 0
	})
	some := len(p.released)+len(p.suspended) > 0
	if !some && !e.keeping {
		return nil
	}
	e.keeping = false
	engine := &apply.Engine{Client: r.Direct, Migration: r.m.name}
	var used, patched map[string]bool
	needed := func(route string) (bool, error) {
		if used == nil {
			var err error
			if used, err = r.routesOfOthers(ctx, engine, e, p); err != nil {
				return false, err
			}
			patched = map[string]bool{}
			for _, d := range e.desired {
				if d.Kind == "EnvoyFilter" {
					for _, n := range d.RoutePatches() {
						patched[n] = true
					}
				}
			}
		}
		return used[route] && !patched[route], nil
	}
	for _, ref := range sortedRefs(e.desired) {
		if ref.Kind != "EnvoyFilter" {
			continue
		}
		d := e.desired[ref].Plain()
		e.desired[ref] = d
		if !some {
			continue
		}
		if l, ok := r.Watch.Live.Get(ref, r.m.name); !ok || !l.Ours || l.Hash == d.Hash {
			continue
		}
		k, err := engine.Keeping(ctx, d, needed)
		if err != nil {
			return err
		}
		e.desired[ref], e.keeping = k, e.keeping || k != d
	}
	return nil
}

// routesOfOthers are the names of the routes that stay as they are. They are read once, since nobody has a reason to change them.
func (r *round) routesOfOthers(ctx context.Context, engine *apply.Engine, e *edge, p phases) (map[string]bool, error) {
	if r.m.routes == nil {
		r.m.routes = map[apply.Ref][]string{}
	}
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		err   error
		slots = make(chan struct{}, max(1, r.Workers))
	)
	for ref, d := range e.desired {
		mu.Lock()
		_, known := r.m.routes[ref]
		mu.Unlock()
		if ref.Kind != "VirtualService" || known || stateOf(d, p) == 0 {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			names, failed := engine.RouteNames(ctx, ref)
			mu.Lock()
			defer mu.Unlock()
			if failed != nil {
				err = failed
				return
			}
			r.m.routes[ref] = names
		})
	}
	wg.Wait()
	used := map[string]bool{}
	for _, names := range r.m.routes {
		for _, n := range names {
			used[n] = true
		}
	}
	return used, err
}
