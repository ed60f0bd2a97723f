package istio

import "github.com/ingress2gw/ingress2gw/translate/manifest"

// meshConfig collects what only the mesh can do.
type meshConfig struct {
	used bool
}

// tree is the fragment of the mesh configuration. Path normalisation is always demanded: it is the only setting under which
// no spelling of a path reaches a less protected route.
func (m *meshConfig) tree(e *emitter) manifest.Map {
	if len(e.edge.Hosts) == 0 {
		return nil
	}
	return manifest.Map{{Key: "pathNormalization", Value: manifest.Map{{Key: "normalization", Value: "DECODE_AND_MERGE_SLASHES"}}}}
}
