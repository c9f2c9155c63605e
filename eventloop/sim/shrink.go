package sim

// Shrink returns which of the steps 0 to n-1 of a run that fails need not be taken for it to
// fail, as far as that is found with little work: it leaves out halves, then quarters, and so
// on down to single steps, each as long as the run fails without it. fails lives through a
// run without some steps. What a step does must follow from its number, not from how many
// were taken before.
func Shrink(n int, fails func(without map[int]bool) bool) map[int]bool {
	without := map[int]bool{}
	for size := (n + 1) / 2; size > 0; size /= 2 {
		for first := 0; first < n; first += size {
			tried := map[int]bool{}
			for step := range without {
				tried[step] = true
			}
			for step := first; step < min(first+size, n); step++ {
				tried[step] = true
			}
			if len(tried) > len(without) && fails(tried) {
				without = tried
			}
		}
	}
	return without
}
