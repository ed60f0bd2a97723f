package istio

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// appendSetting appends a text that two settings of one type share only if they say the same, wherever they were stated. It
// goes by the type, so that no field can be forgotten.
func appendSetting(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		return append(append(strconv.AppendInt(b, int64(len(s)), 10), ':'), s...)
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return append(strconv.AppendInt(b, v.Int(), 10), ',')
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return append(strconv.AppendUint(b, v.Uint(), 10), ',')
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, '-')
		}
		return appendSetting(append(b, '*'), v.Elem())
	case reflect.Slice:
		b = append(strconv.AppendInt(b, int64(v.Len()), 10), '[')
		for i := range v.Len() {
			b = appendSetting(b, v.Index(i))
		}
		return b
	case reflect.Struct:
		for i := range v.NumField() { //nolint:modernize // Fields makes a description of every field
			if f := v.Field(i); f.Type() != originType && f.Type() != originsType {
				b = appendSetting(b, f)
			}
		}
		return append(b, ';')
	}
	panic(fmt.Sprintf("istio: a setting with a %s", v.Type()))
}

var (
	originType  = reflect.TypeFor[model.Origin]()
	originsType = reflect.TypeFor[[]model.Origin]()
)
