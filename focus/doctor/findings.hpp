// What the doctor has found: one sentence each, and for what is wrong one sentence that mends it.
//
// Printed as they are found, so that a hanging check shows what came before it. Owned by the
// doctor; used by one thread at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace jmeet::doctor {

enum class Verdict : std::uint8_t {
    fine,
    note,    // worth knowing; meetings work
    wrong,   // meetings will not work
};

struct Finding {
    Verdict verdict = Verdict::fine;
    std::string what;
    std::string fix;  // empty where there is nothing to mend
};

class Findings {
 public:
    using Printer = std::function<void(const std::string& line)>;
    explicit Findings(Printer print) : print_(std::move(print)) {}

    void fine(std::string what) { add({Verdict::fine, std::move(what), {}}); }
    void note(std::string what, std::string fix = {}) {
        add({Verdict::note, std::move(what), std::move(fix)});
    }
    void wrong(std::string what, std::string fix) {
        add({Verdict::wrong, std::move(what), std::move(fix)});
    }
    void add(Finding finding);

    const std::vector<Finding>& all() const { return all_; }
    int count(Verdict verdict) const;

 private:
    Printer print_;
    std::vector<Finding> all_;
};

}  // namespace jmeet::doctor
