package istio

import (
	"reflect"
	"strconv"
	"testing"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Two rules share what is made of a protection only if nothing of it differs.
func TestEveryPartOfAProtectionIsInItsKey(t *testing.T) {
	for _, setting := range []any{&protection{}, &model.ClientCerts{}} {
		of := reflect.TypeOf(setting).Elem()
		t.Run(of.Name(), func(t *testing.T) {
			seen := map[string]string{string(appendSetting(nil, reflect.New(of).Elem())): "nothing"}
			n := 0
			vary(of, of.Name(), func(path string, change func(reflect.Value)) {
				v := reflect.New(of).Elem()
				change(v)
				key := string(appendSetting(nil, v))
				if other, known := seen[key]; known {
					t.Errorf("%s makes the same key as %s", path, other)
				}
				seen[key] = path
				n++
			})
			if n == 0 {
				t.Error("nothing was varied")
			}
		})
	}
}

func TestWhereASettingWasStatedIsNotInItsKey(t *testing.T) {
	key := func(o model.Origin) string {
		p := protection{
			list: &model.Access{Allow: []string{"10.0.0.0/8"}, Origins: []model.Origin{o}},
			ext:  &model.ExternalAuth{Host: "a.test", Headers: []model.HeaderOp{{Name: "x", Value: model.Text("1"), Origin: o}}, Origin: o},
		}
		return string(appendSetting(nil, reflect.ValueOf(p)))
	}
	if key(model.Origin{}) != key(model.Origin{Object: &finding.Object{Name: "other"}, Field: "f", Line: 7}) {
		t.Error("the origin is in the key")
	}
}

// vary calls f with each change of one part of a type.
func vary(of reflect.Type, path string, f func(path string, change func(reflect.Value))) {
	if of == originType || of == originsType {
		return
	}
	switch of.Kind() {
	case reflect.Pointer:
		f(path, func(v reflect.Value) { settable(v).Set(reflect.New(of.Elem())) })
		vary(of.Elem(), path+".*", func(path string, change func(reflect.Value)) {
			f(path, func(v reflect.Value) {
				p := reflect.New(of.Elem())
				change(p.Elem())
				settable(v).Set(p)
			})
		})
	case reflect.Slice:
		for n := 1; n < 3; n++ {
			f(path+"["+strconv.Itoa(n)+"]", func(v reflect.Value) { settable(v).Set(reflect.MakeSlice(of, n, n)) })
		}
		vary(of.Elem(), path+"[0]", func(path string, change func(reflect.Value)) {
			f(path, func(v reflect.Value) {
				s := reflect.MakeSlice(of, 1, 1)
				change(s.Index(0))
				settable(v).Set(s)
			})
		})
	case reflect.Struct:
		for i := range of.NumField() {
			vary(of.Field(i).Type, path+"."+of.Field(i).Name, func(path string, change func(reflect.Value)) {
				f(path, func(v reflect.Value) { change(v.Field(i)) })
			})
		}
	case reflect.String:
		f(path, func(v reflect.Value) { settable(v).SetString("x") })
	case reflect.Bool:
		f(path, func(v reflect.Value) { settable(v).SetBool(true) })
	default:
		f(path, func(v reflect.Value) { settable(v).SetInt(7) })
	}
}

// settable gives a value, which may be of a field that is not exported, so that it can be set.
func settable(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
}
