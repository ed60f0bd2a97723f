package diff

import "reflect"

// What stands in the place of a Secret's values. Whether they differ can be seen, what they are cannot.
const (
	masked       = "***"
	maskedBefore = "*** (before)"
	maskedAfter  = "*** (after)"
)

// mask hides what a Secret holds, on both sides. kubectl's memory of what it applied is gone by then, see tidy.
func mask(live, wanted map[string]any) {
	if !isSecret(live) && !isSecret(wanted) {
		return
	}
	for _, part := range [...]string{"data", "stringData"} {
		a, b := mapping(live, part), mapping(wanted, part)
		for k, v := range a {
			if w, both := b[k]; both && !reflect.DeepEqual(v, w) {
				a[k], b[k] = maskedBefore, maskedAfter
				continue
			}
			a[k] = masked
			if _, both := b[k]; both {
				b[k] = masked
			}
		}
		for k := range b {
			if _, both := a[k]; !both {
				b[k] = masked
			}
		}
	}
}

func isSecret(tree map[string]any) bool {
	return tree != nil && tree["kind"] == "Secret" && tree["apiVersion"] == "v1"
}

// mapping gives a mapping of the object. Anything else in its place is hidden whole.
func mapping(tree map[string]any, part string) map[string]any {
	v, there := tree[part]
	if !there {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		tree[part] = masked
	}
	return m
}
