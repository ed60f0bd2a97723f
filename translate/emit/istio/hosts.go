package istio

import "github.com/ingress2gw/ingress2gw/translate/model"

// emitHosts writes the hosts, one after the other: the routes of a large edge would fill the memory if all were planned
// before the first is written. The routes of unknown hosts are planned first, because wildcards have them too, and written
// last, because names that no Gateway can list go in front of them.
func (e *emitter) emitHosts() {
	e.findTaken()
	if !e.opts.RoutesOnly {
		e.findWildcards()
	}
	hosts := e.edge.Hosts
	var unknown *hostPlan
	if n := len(hosts); n > 0 && hosts[n-1].Name == "*" {
		unknown, hosts = e.planHost(hosts[n-1]), hosts[:n-1]
	}
	var last late
	for _, h := range hosts {
		p := e.planHost(h)
		last.add(e.byAuthority(p), h.Origin)
		if short(h.Name) {
			continue
		}
		for i, part := range p.parts() {
			if i == 0 {
				part.fallThrough(unknown)
				if h.Twin != nil {
					last.twins = append(last.twins, e.planTwin(part))
				}
			}
			e.emitPlan(part)
		}
		if e.last {
			h.Rules, h.Before = nil, nil
		}
	}
	if unknown != nil {
		last.add(e.byAuthority(unknown), unknown.host.Origin)
	}
	e.emitLate(unknown, &last)
}

// late is what is written behind all hosts.
type late struct {
	front  []*entry     // of names that stand among unknown hosts
	origin model.Origin // of the last host with such a name
	twins  []*hostPlan
}

func (l *late) add(front []*entry, o model.Origin) {
	if len(front) > 0 {
		l.front, l.origin = append(l.front, front...), o
	}
}

func (e *emitter) emitLate(unknown *hostPlan, l *late) {
	if len(l.front) > 0 {
		if unknown == nil {
			unknown = &hostPlan{host: &model.Host{Name: "*", Namespaces: []string{""}, Origin: l.origin}, names: []string{"*"}}
		}
		unknown.entries = append(l.front, unknown.entries...)
		unknown.owner = ""
	}
	if unknown != nil {
		for _, part := range unknown.parts() {
			e.emitPlan(part)
		}
	}
	for _, p := range l.twins {
		e.emitPlan(p)
	}
}

// emitPlan gives a host its servers and writes its routes.
func (e *emitter) emitPlan(p *hostPlan) {
	e.planServers(p)
	e.emitHost(p)
}
