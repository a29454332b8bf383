#include "focus/doctor/findings.hpp"

#include <algorithm>

namespace jmeet::doctor {

void Findings::add(Finding finding) {
    const char* const marks[] = {"ok    ", "note  ", "FAIL  "};
    std::string line = marks[static_cast<int>(finding.verdict)] + finding.what;
    if (!finding.fix.empty()) line += "\n      -> " + finding.fix;
    print_(line);
    all_.push_back(std::move(finding));
}

int Findings::count(Verdict verdict) const {
    return static_cast<int>(std::count_if(all_.begin(), all_.end(), [&](const Finding& f) {
        return f.verdict == verdict;
    }));
}

}  // namespace jmeet::doctor
