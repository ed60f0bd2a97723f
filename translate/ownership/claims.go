package ownership

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// shardBytes is when a ConfigMap is full. The API server unpacks the whole of it at every write that it judges, which takes a
// few milliseconds at this size; and kubectl apply keeps a copy in an annotation, which must stay below 256 KiB.
const shardBytes = 64 << 10

// mostBytes is what a ConfigMap holds at most, less some room for its metadata.
const mostBytes = 1000 << 10

// shard is what one ConfigMap says: all claims of some namespaces.
type shard struct {
	namespaces []string
	size       int
	data       map[string][]string
}

// shards puts the claims of whole namespaces together, in order, until a ConfigMap is full. There is always one.
func (c *Claims) shards(full int) (out []shard, truncated []string) {
	byNamespace := map[string][]string{}
	var nobodys []string
	for key, namespaces := range c.entries {
		if len(namespaces) == 0 {
			nobodys = append(nobodys, key)
		}
		for _, ns := range namespaces {
			byNamespace[ns] = append(byNamespace[ns], key)
		}
	}
	out = []shard{{data: map[string][]string{}}}
	slices.Sort(nobodys)
	for _, k := range nobodys { // for people: what is not listed is refused as well
		if size := out[0].size + entryBytes(k, ""); size <= full {
			out[0].data[k], out[0].size = nil, size
		}
	}
	for _, ns := range slices.Sorted(maps.Keys(byNamespace)) {
		keys := byNamespace[ns]
		slices.Sort(keys)
		size, fit := 0, 0
		for _, k := range keys {
			if size += entryBytes(k, ns); size <= mostBytes {
				fit++
			}
		}
		if fit < len(keys) {
			keys, truncated = keys[:fit], append(truncated, ns)
		}
		last := &out[len(out)-1]
		if last.size > 0 && last.size+size > full {
			out = append(out, shard{data: map[string][]string{}})
			last = &out[len(out)-1]
		}
		last.namespaces = append(last.namespaces, ns)
		last.size += size
		for _, k := range keys {
			last.data[k] = append(last.data[k], ns)
		}
	}
	return out, truncated
}

// entryBytes is what an entry takes in JSON.
func entryBytes(key, namespace string) int { return len(key) + len(namespace) + len(`"":"",`) }

// hosts is the ConfigMap of a shard: host, with _ for *, to the namespaces that may serve it.
func (o Options) hosts(i int, s shard) *manifest.Object {
	data := manifest.Map{}
	for _, k := range slices.Sorted(maps.Keys(s.data)) {
		data = append(data, manifest.Field{Key: k, Value: strings.Join(s.data[k], ",")})
	}
	out := &manifest.Object{APIVersion: "v1", Kind: "ConfigMap", Namespace: o.GatewayNamespace, Name: shardName(HostsName, i)}
	if len(data) > 0 {
		out.Fields = manifest.Map{{Key: "data", Value: data}}
	}
	return out
}

func shardName(base string, i int) string {
	if i == 0 {
		return base
	}
	return base + "-" + strconv.Itoa(i+1)
}
