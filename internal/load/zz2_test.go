package load
import ("testing";"fmt";"time";"runtime";"strings";"bytes"
"github.com/ingress2gw/ingress2gw/internal/fleet"
"github.com/ingress2gw/ingress2gw/translate/snapshot")
func TestZZHostile(t *testing.T){
 rep:=strings.Repeat
 fl:=func(o fleet.Options) string { var b bytes.Buffer; fleet.Write(&b,o); return b.String()}
 ins:=map[string]func()string{
 "100MB docs":func()string{ one:=fl(fleet.Options{Ingresses:10000,Profile:fleet.Heavy}); return rep(one+"---\n",100<<20/len(one)+1)},
 "yaml list 30MB":func()string{return fl(fleet.Options{Ingresses:13000,Profile:fleet.Heavy,Format:fleet.YAMLList})},
 "json list 60MB":func()string{return fl(fleet.Options{Ingresses:13000,Profile:fleet.Heavy,Format:fleet.JSONList})},
 "100MB garbage":func()string{return rep("garbage \x00 {{ x }} kind: Ingress\n",100<<20/30)},
 "100MB no newline":func()string{return rep("x",100<<20)},
 "10MB doc":func()string{return "kind: Ingress\nmetadata:\n  name: x\n  annotations:\n    a: |\n"+rep("      aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",10<<20/40)},
 "10MB json doc":func()string{return `{"kind":"Ingress","a":"`+rep("x",10<<20)+`"}`},
 "json nested":func()string{return rep(`{"a":`,600000)},
 "json arr nested":func()string{return `{"items":`+rep(`[`,2000000)},
 "yaml flow nested":func()string{return "a: "+rep(`[`,1000000)},
 "yaml flow wide":func()string{return "a: ["+rep(`[],`,1000000)+"]"},
 "yaml dashes":func()string{return rep(`- `,1500000)},
 "yaml deep block":func()string{ var b strings.Builder; for i:=0;i<2000;i++{ b.WriteString(rep(" ",i)+"a:\n")}; return b.String()},
 "merges":func()string{ var b strings.Builder; b.WriteString("z: &z {a: b}\nk:\n"); for i:=0;i<100000;i++{ fmt.Fprintf(&b,"  <<: *z\n  k%d: 1\n",i)}; return b.String()},
 "many keys":func()string{ var b strings.Builder; b.WriteString("kind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\ndata:\n"); for i:=0;i<200000;i++{ fmt.Fprintf(&b,"  k%d: x\n",i)}; return b.String()},
 "aliases":func()string{ var b strings.Builder; b.WriteString("kind: Ingress\na: &a ["+rep("x,",10000)+"]\nb: ["+rep("*a,",500000)+"]\n"); return b.String()},
 "markers":func()string{return rep("---\n",5000000)},
 "tiny docs":func()string{return rep("---\na\n",3000000)},
 "broken docs":func()string{return rep("---\nkind: Ingress\n\tx\n",100000)},
 "list of dashes":func()string{return "kind: List\nitems:\n"+rep("-\n",5000000)},
 "list broken items":func()string{return "kind: List\nitems:\n"+rep("- [\n",200000)},
 "quotes":func()string{return rep("\"",3000000)},
 "anchors":func()string{return "a:\n"+rep("  - &a\n",400000)},
 "colons":func()string{return rep(": ",1500000)},
 "qmarks":func()string{return rep("? ",1500000)},
 "long key":func()string{return rep("a",3000000)+": b\n"},
 "comments":func()string{return "a:\n"+rep("# x\n",700000)+" b: c\n"},
 "comments2":func()string{return "a: [\n"+rep("# x\n",700000)+"]\n"},
 "bangs":func()string{return "a: "+rep("!",3000000)},
 "rules":func()string{return head+"spec:\n  rules:\n"+rep("  - host: \"${A}\"\n",150000)},
 "tpl":func()string{return head+"  annotations:\n    a: '"+rep("{{ ",1000000)+"'\n"},
 "var":func()string{return head+"  annotations:\n    a: '"+rep("${a ",80000)+"'\n"},
 }
 for n,f:=range ins { in:=[]byte(f()); runtime.GC(); var m0,m1 runtime.MemStats; runtime.ReadMemStats(&m0)
  done:=make(chan uint64); stop:=make(chan bool)
  go func(){ var peak uint64; var m runtime.MemStats; for { select{ case <-stop: done<-peak; return; case <-time.After(20*time.Millisecond): runtime.ReadMemStats(&m); if m.HeapInuse>peak {peak=m.HeapInuse}}}}()
  t0:=time.Now(); s:=snapshot.New(); Bytes(n,in,s); d:=time.Since(t0); stop<-true; pk:=<-done; runtime.ReadMemStats(&m1)
  fmt.Printf("%-20s %5d MB %8v read %d failed %d findings %d peak %d MB (base %d)\n",n,len(in)>>20,d.Round(time.Millisecond),s.Read,s.Failed,s.Findings.Len(),pk>>20,m0.HeapInuse>>20)
 }
}
