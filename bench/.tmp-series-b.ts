import Database from "better-sqlite3";
import { mkdtempSync, rmSync } from "node:fs";
import { openStore } from "/work/main/packages/store/src/index.ts";
import { packDay } from "/work/main/packages/store/src/series/maintenance/pack.ts";
import { summarizeDay } from "/work/main/packages/store/src/series/maintenance/summarize-day.ts";
import { resolveSeriesSettings } from "/work/main/packages/store/src/series/maintenance/settings.ts";
const dir=mkdtempSync("/tmp/series/b-"); const path=dir+"/m.db";
const store=openStore({path});
const day=Math.floor(Date.UTC(2026,10,1)/864e5);
const T0=BigInt(day)*86400000000000n;
const mode=process.argv[2]??"none"; const S=200,R=5760;
const ids=Array.from({length:S},(_,i)=>({metric:"c",kind:"sum",unit:"1",description:"",temporality:"cumulative",isMonotonic:true,valueType:"int",attributes:{i:String(i)},resource:{},scope:{name:"b",version:"1"}}) as const);
const v=new Array(S).fill(0);
const jit=()=>mode==="ns"?BigInt(Math.round((Math.random()*100-50)*1e6)):BigInt(Math.round(Math.random()*100-50))*1000000n;
let s=performance.now();
for(let r=0;r<R;r+=10){ const pts=ids.map(()=>[] as any[]);
 for(let k=0;k<10;k++){ const base=T0+BigInt(r+k)*15000000000n+1000000000n; const shared=mode==="none"?0n:jit();
  for(let i=0;i<S;i++){ if(Math.random()<0.3) v[i]+=1+Math.floor(Math.random()*9000); pts[i].push({startTimeUnixNano:T0,timeUnixNano:base+(mode==="each"?jit():shared),value:{kind:"number",value:v[i]}});} }
 store.writePoints({series:ids.map((identity,i)=>({identity,points:pts[i]}))});}
console.log("write",S*R/(performance.now()-s)*1000|0); store.close();
const db=new Database(path); const st=resolveSeriesSettings({maxStepPoints:Number(process.argv[3]??16384),maxChunkPoints:Number(process.argv[4]??65536)});
let n=0,mx=0; s=performance.now(); for(;;){const a=performance.now(); if(!packDay(db,day,st))break; n++; mx=Math.max(mx,performance.now()-a);} console.log("packs",n,performance.now()-s,"max",mx);
n=0;mx=0;s=performance.now(); for(;;){const a=performance.now(); if(!summarizeDay(db,day,st))break; n++; mx=Math.max(mx,performance.now()-a);} console.log("summaries",n,performance.now()-s,"max",mx);
const rows=db.prepare("select name, sum(pgsize) b from dbstat where name like 'series%' group by name").all() as any[];
for(const r of rows) console.log(r.name,r.b,(r.b/(S*R)).toFixed(4));
console.log(mode,"total",(rows.reduce((a,r)=>a+r.b,0)/(S*R)).toFixed(4), db.prepare("select count(*) c, sum(length(data)) l, sum(points) p from series_chunk").get(), db.prepare("select resolution, count(*), sum(length(data)) from series_summary group by 1").all());
db.close(); rmSync(dir,{recursive:true});
