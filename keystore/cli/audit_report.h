// What the records of audit logs amount to, in groups. Pure.
//
// A launch is one step of a job, however many nodes it ran on: each counts it, and together they
// count it once. Of refused steps each counts once, too; refusals that a node only counted are
// added as it counted them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keystore/base/flat_json.h"

namespace sifguard {

/// What groups may be made by, as the command line names it. A record without such a value is in
/// none; one of several bindings or signers is in a group for each.
inline constexpr std::array kReportGroups = {"user",   "image", "key",  "binding",
                                             "signer", "node",  "month"};

struct ReportRow {
  std::string name;
  std::uint64_t launches = 0, failed = 0, refused = 0;
  std::size_t users = 0, images = 0, nodes = 0;  ///< how many different ones
  std::string first, last;                       ///< times of records, as in the log
};

/// Steps of jobs, each once. 8 bytes for each and, while it takes more, for as many that come
/// twice.
class StepSet {
 public:
  /// Of what is no number of 32 bits, as Slurm's are, the lower bits count.
  void insert(std::int64_t job, std::int64_t step);
  [[nodiscard]] std::size_t size() const;

 private:
  void sort() const;
  mutable std::vector<std::uint64_t> steps_;  ///< the first ones sorted, and different
  mutable std::size_t sorted_ = 0;
};

class AuditReport {
 public:
  /// `by`: one of kReportGroups.
  explicit AuditReport(std::string by) : by_(std::move(by)) {}

  /// False if no record on this line can count: a look at its bytes, as by may_be_wanted().
  /// Records have no objects inside.
  [[nodiscard]] static bool may_count(std::string_view line);
  void add(const FlatJson& record);

  [[nodiscard]] const std::string& by() const noexcept { return by_; }
  /// Months in their order; everything else by the number of launches, and then by name.
  [[nodiscard]] std::vector<ReportRow> rows() const;
  [[nodiscard]] std::vector<ReportRow> months() const;

 private:
  struct Counted;
  struct Group {
    StepSet launches, failed, refused;
    std::uint64_t suppressed = 0;
    std::set<std::string> users, images, nodes;
    std::string first, last;
  };
  using Groups = std::map<std::string, Group>;

  static void count(Group& group, const Counted& record);
  static std::vector<ReportRow> rows_of(const Groups& groups);

  std::string by_;
  Groups groups_, months_;
};

/// The rows as CSV (RFC 4180) with a header line. A text that a spreadsheet would take for a
/// formula gets an apostrophe in front.
[[nodiscard]] std::string format_csv(const AuditReport& report);

/// A page that needs nothing but itself: what was counted, a plot of the months, the rows and a
/// plot of the largest. `made` and `period` are sentences for its head. Names are escaped.
[[nodiscard]] std::string format_html(const AuditReport& report, std::string_view made,
                                      std::string_view period);

}  // namespace sifguard
