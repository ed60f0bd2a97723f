package cli

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// modelTree gives the route model as a tree, for --to model: names as in the model's types, zero values left out, origins as
// "Ingress shop/web key (file:line)".
func modelTree(e *model.Edge) manifest.Map {
	tree, _ := modelValue(reflect.ValueOf(e)).(manifest.Map)
	return tree
}

func modelValue(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	switch x := v.Interface().(type) {
	case finding.Origin:
		return originText(x)
	case fmt.Stringer:
		if v.Kind() != reflect.Pointer {
			return x.String()
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return modelValue(v.Elem())
	case reflect.Interface:
		return variant(v.Elem())
	case reflect.Struct:
		return structTree(v, nil)
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return fmt.Sprintf("(%d bytes)", v.Len())
		}
		out := make([]any, v.Len())
		for i := range out {
			out[i] = modelValue(v.Index(i))
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for it := v.MapRange(); it.Next(); {
			out[fmt.Sprint(it.Key())] = modelValue(it.Value())
		}
		return out
	case reflect.Func, reflect.Chan:
		return nil
	}
	return v.Interface()
}

// variant is a value of one of several types: the type's name stands in it.
func variant(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Type().PkgPath() == "" {
		return modelValue(v)
	}
	tree := manifest.Map{{Key: "type", Value: v.Type().Name()}}
	if v.Kind() == reflect.Struct {
		return structTree(v, tree)
	}
	return tree.Set("value", modelValue(v))
}

func structTree(v reflect.Value, tree manifest.Map) manifest.Map {
	if tree == nil {
		tree = manifest.Map{}
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || v.Field(i).IsZero() {
			continue
		}
		tree = tree.Set(lowerFirst(f.Name), modelValue(v.Field(i)))
	}
	return tree
}

// lowerFirst lowers the first word: TLS gives tls, MinTLS minTLS, HTTPSRedirect httpsRedirect.
func lowerFirst(s string) string {
	n := 0
	for n < len(s) && unicode.IsUpper(rune(s[n])) {
		n++
	}
	if next, _ := utf8.DecodeRuneInString(s[n:]); n > 1 && unicode.IsLower(next) && next != 's' {
		n--
	}
	return strings.ToLower(s[:n]) + s[n:]
}

func originText(o finding.Origin) string {
	parts := []string{o.Object.Ref(), o.Field}
	if place := o.Place(); place != "" {
		parts = append(parts, "("+place+")")
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}
