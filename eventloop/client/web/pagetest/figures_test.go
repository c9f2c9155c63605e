package pagetest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// TestFigures says how fast and how light the page is, if PARLEY_FIGURES is set. It judges nothing: figures are of
// a machine that does nothing else.
//
//	PARLEY_FIGURES=1 go test ./eventloop/client/web/pagetest -run Figures -v
func TestFigures(t *testing.T) {
	if os.Getenv("PARLEY_FIGURES") == "" {
		t.Skip("set PARLEY_FIGURES to have the page measured, on a machine that does nothing else")
	}
	s := newStage(t)
	var printed, usable []time.Duration
	var p tab
	var process running
	for i := range 5 {
		p = newTab(t)
		p.front()
		var bytes, files float64
		chromedp.ListenTarget(p.ctx, func(event any) {
			if e, ok := event.(*network.EventLoadingFinished); ok {
				bytes += e.EncodedDataLength
				files++
			}
		})
		p.do(network.Enable(), network.ClearBrowserCache())
		begin := time.Now()
		process = s.launch(t.TempDir(), `(http://127\.0\.0\.1:\d+/#token=\S+)`, "web", fmt.Sprintf("alice%d@%s", i, s.server), "--web-listen", "127.0.0.1:0", "--no-state")
		printed = append(printed, time.Since(begin))
		p.do(chromedp.Navigate(process.said))
		p.within(long, ready+` && document.activeElement.id === 'field'`)
		usable = append(usable, time.Since(begin))
		if i == 0 {
			t.Logf("a first load: %.0f files, %.0f bytes over the wire, with their headers", files, bytes)
		}
	}
	slices.Sort(printed)
	slices.Sort(usable)
	t.Logf("from the start of the process to its address: median of 5 %v, most %v", printed[2].Round(time.Millisecond), printed[4].Round(time.Millisecond))
	t.Logf("to a page in which one can write: median of 5 %v, most %v", usable[2].Round(time.Millisecond), usable[4].Round(time.Millisecond))

	lines, carol := s.terminal("bob"), s.plain("carol")
	p.run(`window.came = new Map(); window.heard = new Map(); const parse = JSON.parse; JSON.parse = text => { const frame = parse(text); if (frame.entry) heard.set(frame.entry.text, performance.timeOrigin + performance.now()); return frame }; new MutationObserver(() => { const at = performance.timeOrigin + performance.now(); for (const e of document.querySelectorAll('.text')) if (!came.has(e.innerText)) came.set(e.innerText, at) }).observe(document.querySelector('#lines'), {childList: true, subtree: true})`)
	for from, say := range map[string]func(text string){
		"a plain client": func(text string) { carol.ask("msg", text) },
		"parley chat":    func(text string) { fmt.Fprintln(lines, text) },
	} {
		var took, heard []float64
		for i := range 15 {
			text := fmt.Sprintf("line %d of %s", i, from)
			begin := time.Now()
			say(text)
			p.within(long, `came.has('`+text+`')`)
			if i > 1 { // the first ones come with the login
				took = append(took, get[float64](p, `came.get('`+text+`')`)-float64(begin.UnixMicro())/1000)
				heard = append(heard, get[float64](p, `heard.get('`+text+`')`)-float64(begin.UnixMicro())/1000)
			}
			time.Sleep(time.Second) // who says more than this is slowed down by the server
		}
		slices.Sort(took)
		slices.Sort(heard)
		t.Logf("from a line of %s to the page of another one: median %.1f ms, 95th percentile %.1f ms, most %.1f ms, of %d; its frame has come after %.1f ms (median)", from, took[len(took)/2], took[len(took)*95/100], took[len(took)-1], len(took), heard[len(heard)/2])
	}

	p.do(performance.Enable())
	time.Sleep(2 * time.Second)
	busy := cpuOf(process.Process.Pid)
	cpu, wall := p.spent()
	time.Sleep(10 * time.Second)
	after, wallAfter := p.spent()
	t.Logf("idle for 10 s: the process needed %.0f ms of a processor, the page %.1f ms (%.1f ms of work)", 1000*(cpuOf(process.Process.Pid)-busy), 1000*(after-cpu), 1000*(wallAfter-wall))
}

// cpuOf returns the seconds of a processor that a process has needed; 0 where that is not known. See proc_pid_stat(5).
func cpuOf(pid int) float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil || runtime.GOOS != "linux" {
		return 0
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return float64(user+system) / 100
}

// terminal starts parley chat, which says what is written to it.
func (s *stage) terminal(name string) io.Writer {
	s.Helper()
	cmd := exec.Command(s.parley, "chat", name+"@"+s.server)
	cmd.Env = []string{"HOME=" + s.TempDir()}
	lines, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		lines.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	return lines
}
