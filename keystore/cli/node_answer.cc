// What a node answers to `sifctl nodes`. Pure.
#include "keystore/cli/node_answer.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "keystore/base/json_tree.h"
#include "keystore/base/text.h"
#include "keystore/policy/date.h"

namespace sifguard {
namespace {

using Tree = nlohmann::json;

constexpr std::size_t kMaxText = 1000;     // of one text of a node
constexpr std::size_t kMaxTrouble = 20;    // of one answer
constexpr std::size_t kMaxFindings = 500;  // likewise
constexpr std::size_t kMaxValues = 100'000;
constexpr std::string_view kPrefix = "sifguard.", kSuffix = "/1";

std::string text_in(const Tree& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return "";
  return found->get_ref<const std::string&>().substr(0, kMaxText);
}

std::optional<std::int64_t> number_in(const Tree& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  return found->get<std::int64_t>();
}

std::uint64_t amount_in(const Tree& object, const char* name) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number_in(object, name).value_or(0), 0));
}

const Tree& list_in(const Tree& object, const char* name) {
  static const Tree kNone = Tree::array();
  const auto found = object.find(name);
  return found == object.end() || !found->is_array() ? kNone : *found;
}

std::optional<std::int64_t> date_in(const Tree& object, const char* name) {
  const auto seconds = parse_date(text_in(object, name), DayEdge::first_second);
  return seconds ? std::optional(*seconds) : std::nullopt;
}

void take_header(const Tree& json, NodeAnswer& answer) {
  answer.node = text_in(json, "node");
  answer.time = number_in(json, "time");
  answer.slurm = text_in(json, "slurm");
}

void take_examination(const Tree& json, NodeAnswer& answer) {
  answer.examined = true;
  answer.version = text_in(json, "version");
  for (const Tree& one : list_in(json, "findings")) {
    if (!one.is_object() || answer.findings.size() == kMaxFindings) continue;
    answer.findings.push_back({text_in(one, "severity") != "warning", text_in(one, "check"),
                               text_in(one, "what"), text_in(one, "remedy")});
  }
}

void take_node(const Tree& json, NodeAnswer& answer) {
  answer.serial = number_in(json, "imported_serial");
}

void take_earlier(std::optional<std::int64_t>& least, std::optional<std::int64_t> time) {
  if (time && (!least || *time < *least)) least = time;
}

void take_trust(const Tree& json, NodeAnswer& answer) {
  answer.has_lists = true;
  for (const Tree& one : list_in(json, "items")) {
    if (!one.is_object()) continue;
    const std::string kind = text_in(one, "kind");
    if (kind != "crl" && kind != "response") continue;
    ++answer.lists;
    take_earlier(answer.oldest, date_in(one, "from"));
    take_earlier(answer.first_end, date_in(one, "until"));
  }
}

void take_cache(const Tree& json, NodeAnswer& answer) {
  answer.cache =
      NodeCache{amount_in(json, "entries"), amount_in(json, "bytes"), amount_in(json, "max_bytes")};
}

struct Kind {
  std::string_view name;
  void (*take)(const Tree&, NodeAnswer&);
};
constexpr std::array<Kind, 5> kKinds = {{{"node-status", take_header},
                                         {"examination", take_examination},
                                         {"node", take_node},
                                         {"trust-list", take_trust},
                                         {"cache", take_cache}}};

class Reader {
 public:
  NodeAnswer read(std::string_view text) {
    for (const std::string& line : split(text, '\n')) take_line(line);
    if (!document_.empty()) tell("an object is cut off");
    if (strays_ > 0) {
      tell("lines of other programs: " + std::to_string(strays_) + "; the first: " + stray_);
    }
    if (!answer_.whole) tell("the answer has no end");
    if (told_ > kMaxTrouble) answer_.trouble.push_back("and more of this kind");
    return std::move(answer_);
  }

 private:
  void take_line(std::string_view line) {
    if (!document_.empty()) {
      document_.append(line).push_back('\n');
      if (line == "}") take_document();
    } else if (line.starts_with('{')) {
      document_.assign(line).push_back('\n');
      if (line.size() > 1) take_document();
    } else if (line == "end") {
      answer_.whole = true;
    } else if (!line.empty() && strays_++ == 0) {
      stray_ = line.substr(0, kMaxText);
    }
  }

  void take_document() {
    const std::string text = std::exchange(document_, "");
    const auto json =
        json_tree<Tree>(text, {.max_bytes = kMaxNodeAnswer, .max_values = kMaxValues});
    if (!json) return tell("an object is not understood: " + json.error().what());
    std::string kind = text_in(*json, "schema");
    if (kind == "sifguard.error/1") return tell("sifctl there: " + text_in(*json, "message"));
    for (const Kind& one : kKinds) {
      if (kind != std::string(kPrefix).append(one.name).append(kSuffix)) continue;
      if (!seen_.insert(one.name).second) return tell("it answers twice as " + kind);
      return one.take(*json, answer_);
    }
    tell("an object is of no kind that is known here: '" + kind + "'");
  }

  void tell(std::string what) {
    if (told_++ < kMaxTrouble) answer_.trouble.push_back(std::move(what));
  }

  NodeAnswer answer_;
  std::string document_, stray_;
  std::size_t strays_ = 0, told_ = 0;
  std::set<std::string_view> seen_;
};

}  // namespace

NodeAnswer read_node_answer(std::string_view text) {
  NodeAnswer answer = Reader().read(text.substr(0, kMaxNodeAnswer));
  if (answer.node.empty()) answer.trouble.emplace_back("the node does not say its name");
  return answer;
}

}  // namespace sifguard
