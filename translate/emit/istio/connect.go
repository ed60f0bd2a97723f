package istio

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// defaultConnect is the source's wait for a connection where nothing is stated.
const defaultConnect = 5 * time.Second

// connectTimeout bounds the wait for a connection where a rule differs from the edge.
func connectTimeout(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	t := r.Timeouts
	if t == nil || t.Connect <= 0 {
		return xs
	}
	if t.Connect != defaultConnect && len(t.Origins) > 0 && e.opts.Profile != emit.ProfileNative {
		e.withoutEnvoyFilter(t.Origins[0], "a backend that cannot be connected to in time is answered 503 instead of 504")
	}
	if t.Connect == e.edgeConnect() {
		return xs
	}
	for _, x := range xs {
		if x.answer {
			continue
		}
		for _, d := range x.destinations() {
			e.subset(d, "connect", connectPolicy(t.Connect))
		}
	}
	return xs
}

// edgeConnect is the wait where rules state none.
func (e *emitter) edgeConnect() time.Duration {
	if c := e.edge.Global.ConnectTimeout; c > 0 {
		return c
	}
	return defaultConnect
}

func connectPolicy(d time.Duration) *networking.TrafficPolicy {
	return &networking.TrafficPolicy{ConnectionPool: &networking.ConnectionPoolSettings{
		Tcp: &networking.ConnectionPoolSettings_TCPSettings{ConnectTimeout: durationpb.New(d)},
	}}
}

// basePolicy holds the controller's defaults of connect timeout and balancing in the DestinationRule's top-level policy,
// which only the gateway sees.
func (e *emitter) basePolicy() *networking.TrafficPolicy {
	if e.opts.Profile == emit.ProfileNative {
		return nil
	}
	p := connectPolicy(e.edgeConnect())
	_, simple := simpleBalancer(e.edge.Global.Balance)
	p.LoadBalancer = &networking.LoadBalancerSettings{LbPolicy: &networking.LoadBalancerSettings_Simple{Simple: simple}}
	return p
}
