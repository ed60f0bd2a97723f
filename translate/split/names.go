package split

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// longest is what a file name may have before its ending: file systems allow 255 bytes.
const longest = 200

// FileName is <kind>-<namespace>.<name>.yaml, or <kind>-<name>.yaml for what has no namespace. A kind holds no dash and a
// namespace no point, so that two objects of the output never share a name.
func FileName(o *manifest.Object) string {
	name := strings.ToLower(o.Kind) + "-"
	if o.Namespace != "" {
		name += safe(o.Namespace) + "."
	}
	name += safe(o.Name)
	if len(name) > longest {
		sum := sha256.Sum256([]byte(name))
		name = name[:longest] + "__" + hex.EncodeToString(sum[:8])
	}
	return name + ".yaml"
}

// safe leaves what Kubernetes names are made of and spells every other byte as _ and two digits, so that no name leaves its
// folder, hides, or means another file where case does not count.
func safe(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-' && i > 0, c == '.' && i > 0:
			b.WriteByte(c)
		default:
			b.WriteByte('_')
			b.WriteString(hex.EncodeToString([]byte{c}))
		}
	}
	if b.Len() == 0 {
		return "_"
	}
	return b.String()
}
