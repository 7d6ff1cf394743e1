// A table of decisions that an admin expects, as YAML or CSV. Pure text.
#include "keystore/cli/decision_table.h"

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/policy/date.h"
#include "keystore/policy/yaml_view.h"

namespace sifguard {
namespace {

using Values = std::vector<std::string>;

/// What a field's text means; shared by both forms. nullopt: no such field.
Result<bool> set_field(ExpectedDecision& test, std::string_view name, const std::string& value) {
  const auto is = [&](const char* field) { return name == field; };
  if (is("user")) {
    test.user = value;
  } else if (is("image")) {
    test.image = value;
  } else if (is("account")) {
    test.account = value;
  } else if (is("partition")) {
    test.partition = value;
  } else if (is("qos")) {
    test.qos = value;
  } else if (is("reservation")) {
    test.reservation = value;
  } else if (is("node")) {
    test.node = value;
  } else if (is("binding")) {
    test.binding = value;
  } else if (is("at")) {
    SG_TRY(test.at, parse_date(value, DayEdge::first_second));
  } else if (is("expect")) {
    if (value != "allow" && value != "deny") {
      return fail(Code::usage, "expect must be allow or deny, not '" + value + "'");
    }
    test.allow = value == "allow";
  } else {
    return false;
  }
  return true;
}

tl::unexpected<Error> at_line(std::string_view file, int line, const std::string& what,
                              std::string remedy = {}) {
  return fail(Code::config, std::string(file) + ":" + std::to_string(line) + ": " + what,
              std::move(remedy));
}

const std::initializer_list<std::string_view> kFields = {
    "user", "groups", "account", "partition", "qos",    "reservation",
    "node", "image",  "at",      "expect",    "binding"};

Result<ExpectedDecision> read_yaml_test(const YamlView& item) {
  SG_CHECK(item.only_fields(kFields));
  ExpectedDecision test;
  test.line = item.line();
  for (const char* name : {"user", "image", "expect"}) SG_CHECK(item.required(name));
  for (const std::string_view name : kFields) {
    const auto field = item.field(name);
    if (!field) continue;
    if (name == "groups") {
      const bool none =
          field->node().kind == YamlNode::Kind::sequence && field->node().items.empty();
      if (none) {
        test.groups.emplace();
      } else {
        SG_TRY(test.groups, field->texts());
      }
      continue;
    }
    // A reservation of '' is the knowledge that there is none.
    const bool empty = name == "reservation" && field->node().kind == YamlNode::Kind::scalar &&
                       !field->node().plain && field->node().text.empty();
    std::string value;
    if (!empty) {
      SG_TRY(value, field->text());
    }
    if (const auto set = set_field(test, name, value); !set) {
      return field->error(set.error().what(), set.error().remedy());
    }
  }
  return test;
}

Result<std::vector<ExpectedDecision>> parse_yaml_table(std::string_view text,
                                                       std::string_view file) {
  SG_TRY(const YamlNode root, parse_yaml(text, file, kMaxTableSize));
  const YamlView view(root, file);
  SG_CHECK(view.only_fields({"version", "tests"}));
  SG_TRY(const YamlView version, view.required("version"));
  SG_CHECK(version.number(1, 1));
  SG_TRY(const YamlView list, view.required("tests"));
  SG_TRY(const auto items, list.items());
  std::vector<ExpectedDecision> tests;
  for (const YamlView& item : items) {
    SG_TRY(ExpectedDecision test, read_yaml_test(item));
    tests.push_back(std::move(test));
  }
  return tests;
}

/// The fields of one line of CSV.
std::optional<Values> split_csv(std::string_view line) {
  Values fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c != '"') {
        fields.back() += c;
      } else if (i + 1 < line.size() && line[i + 1] == '"') {
        fields.back() += line[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"' && fields.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  if (quoted) return std::nullopt;
  return fields;
}

Result<ExpectedDecision> read_csv_test(const Values& header, const Values& fields, int line,
                                       std::string_view file) {
  if (fields.size() != header.size()) {
    return at_line(file, line,
                   "has " + std::to_string(fields.size()) + " fields, the header " +
                       std::to_string(header.size()));
  }
  ExpectedDecision test;
  test.line = line;
  bool expected = false;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (fields[i].empty()) continue;
    if (header[i] == "groups") {
      test.groups = split(fields[i], ' ');
      std::erase(*test.groups, std::string());
      continue;
    }
    expected = expected || header[i] == "expect";
    if (const auto set = set_field(test, header[i], fields[i]); !set) {
      return at_line(file, line, set.error().what(), set.error().remedy());
    }
  }
  if (test.user.empty() || test.image.empty() || !expected) {
    return at_line(file, line, "user, image or expect is missing");
  }
  return test;
}

Result<std::vector<ExpectedDecision>> parse_csv_table(std::string_view text,
                                                      std::string_view file) {
  if (text.size() > kMaxTableSize || !is_utf8(text)) {
    return at_line(file, 1, "too large, or not UTF-8 text");
  }
  Values header;
  std::vector<ExpectedDecision> tests;
  int number = 0;
  for (std::string& line : split(text, '\n')) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    const auto fields = split_csv(line);
    if (!fields) return at_line(file, number, "a quoted field does not end");
    if (!header.empty()) {
      SG_TRY(ExpectedDecision test, read_csv_test(header, *fields, number, file));
      tests.push_back(std::move(test));
      continue;
    }
    for (const std::string& name : *fields) {
      if (std::find(kFields.begin(), kFields.end(), name) == kFields.end()) {
        return at_line(file, number, "unknown column '" + printable(name, 100) + "'");
      }
      if (std::count(fields->begin(), fields->end(), name) != 1) {
        return at_line(file, number, "the column '" + name + "' is repeated");
      }
    }
    header = *fields;
  }
  return tests;
}

}  // namespace

Result<std::vector<ExpectedDecision>> parse_decision_table(std::string_view text,
                                                           std::string_view file) {
  const std::string_view first = text.substr(0, text.find('\n'));
  const bool csv =
      first.find(',') != std::string_view::npos && first.find(':') == std::string_view::npos;
  SG_TRY(auto tests, csv ? parse_csv_table(text, file) : parse_yaml_table(text, file));
  if (tests.empty()) return at_line(file, 1, "no test in the table");
  return tests;
}

}  // namespace sifguard
