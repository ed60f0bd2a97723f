package validate

import (
	"fmt"
	"unicode/utf8"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// compact writes a value as it will be printed, as JSON on one line. Text that is not UTF-8 would be changed by that, and is
// refused instead.
func compact(v any) ([]byte, error) {
	tree, err := manifest.Plain(v)
	if err != nil {
		return nil, err
	}
	if s, ok := foreignText(tree); ok {
		return nil, fmt.Errorf("%s is not UTF-8", quote(s))
	}
	return manifest.JSON(tree)
}

// foreignText finds text that is not UTF-8.
func foreignText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, !utf8.ValidString(v)
	case manifest.Map:
		for _, f := range v {
			if !utf8.ValidString(f.Key) {
				return f.Key, true
			}
			if s, ok := foreignText(f.Value); ok {
				return s, true
			}
		}
	case []any:
		for _, x := range v {
			if s, ok := foreignText(x); ok {
				return s, true
			}
		}
	}
	return "", false
}
