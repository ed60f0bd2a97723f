package load

import (
	"encoding/json"
	"fmt"

	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Live makes a snapshot of objects that were got from an API server already, as a controller holds them in its cache. They are
// read by the same code as those of files and of a cluster.
type Live struct{ cluster cluster }

// NewLive begins a snapshot. Classes and Services are taken to be complete.
func NewLive() *Live {
	r := newReader(snapshot.New(), Options{AllNamespaces: true})
	r.trusted, r.unplaced = true, true
	r.snapshot.HasClasses, r.snapshot.HasServices = true, true
	return &Live{cluster{reader: r}}
}

// Add takes an object. What a typed client decoded does not say what it is, so that the kind is given.
func (l *Live) Add(apiVersion, kind string, object any) error {
	data, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("reading a %s: %w", kind, err)
	}
	l.cluster.jsonElement(string(data), 1, typeMeta{kind, apiVersion})
	return nil
}

// Secrets takes the names of all Secrets. What they hold stays unknown.
func (l *Live) Secrets(keys []snapshot.Key) {
	l.cluster.snapshot.HasSecrets = true
	for _, k := range keys {
		l.cluster.addSecret(k, "")
	}
}

// Withheld reports what may not be seen, and why.
func (l *Live) Withheld(what string, err error) { l.cluster.withheld(what, err) }

// ConfigMaps are those that the Ingresses and ConfigMaps so far refer to, in order.
func (l *Live) ConfigMaps() []snapshot.Key { return l.cluster.namedConfigMaps() }

// Snapshot completes the snapshot. Nothing can be added afterwards.
func (l *Live) Snapshot() *snapshot.Snapshot {
	l.cluster.finish()
	return l.cluster.snapshot
}
