// What an examination of a host finds. Any privilege.
#include "keystore/doctor/finding.h"

#include <algorithm>

namespace sifguard {

std::string_view severity_name(Severity severity) noexcept {
  return severity == Severity::warning ? "warning" : "problem";
}

void Findings::begin(std::string_view check) {
  check_ = check;
  of_check_ = 0;
}

void Findings::add(Severity severity, std::string where, std::string what, std::string remedy) {
  const bool known = std::any_of(all_.begin(), all_.end(), [&](const Finding& finding) {
    return finding.what == what && finding.where == where;
  });
  if (known) return;
  if (++of_check_ <= kMaxOfCheck) {
    all_.push_back({severity, check_, std::move(where), std::move(what), std::move(remedy)});
    return;
  }
  Finding& last = all_.back();
  last.severity = std::max(last.severity, severity);
  last.where = check_;
  last.what = std::to_string(of_check_ - kMaxOfCheck + 1) + " more like these";
  last.remedy = "see to those above first";
}

void Findings::add(Severity severity, std::string where, const Error& error, std::string remedy) {
  if (!error.remedy().empty()) remedy = error.remedy();
  add(severity, std::move(where), error.what(), std::move(remedy));
}

int Findings::level() const noexcept {
  const bool problem = std::any_of(all_.begin(), all_.end(), [](const Finding& finding) {
    return finding.severity == Severity::problem;
  });
  if (problem) return 2;
  return all_.empty() ? 0 : 1;
}

}  // namespace sifguard
