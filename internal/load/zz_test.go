package load
import ("testing";"os";"path/filepath";"fmt";"time";"runtime";"io/fs";"strings"
"github.com/ingress2gw/ingress2gw/translate/snapshot")
func TestZZCorpus(t *testing.T){ q,f:=0,0
filepath.WalkDir("/work/shared/corpus/docs",func(p string,e fs.DirEntry,err error)error{ if e.IsDir(){return nil}; b,_:=os.ReadFile(p); s:=snapshot.New(); Bytes(strings.TrimPrefix(p,"/work/shared/corpus/docs/"),b,s); 
var a arena; if _,ok:=blockYAML(&a,strings.ReplaceAll(string(b),"\r\n","\n"),1);ok{q++}else{f++}
if s.Read!=1||s.Failed!=0||s.Findings.Len()>0 { fmt.Println(p[len("/work/shared/corpus/docs/"):], s.Read,s.Failed); for _,x:=range s.Findings.Sorted(){ if x.Code=="I2G1008"{continue}; fmt.Println("     ",x.Code,x.Origin.Place(),x.Origin.Object.Ref(),x.Origin.Field,"|",x.Message())}}; return nil})
fmt.Println("quick",q,"full",f)
}
func TestZZTime(t *testing.T){ for _,n:=range []string{"plain","heavy"}{ b,_:=os.ReadFile("/tmp/load/"+n+".yaml"); var m0,m runtime.MemStats; runtime.GC(); runtime.ReadMemStats(&m0); t0:=time.Now(); s:=snapshot.New(); Bytes(n,b,s); d:=time.Since(t0); runtime.GC();runtime.ReadMemStats(&m); fmt.Println(n,d,len(s.Ingresses),len(s.Services),s.Failed,s.Findings.Len(),(m.HeapAlloc-m0.HeapAlloc)>>20,"MiB"); runtime.KeepAlive(s);runtime.KeepAlive(b)}}
