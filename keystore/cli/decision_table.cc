// A table of decisions that an admin expects. Pure text.
#include "keystore/cli/decision_table.h"

#include "keystore/base/text.h"
#include "keystore/policy/date.h"
#include "keystore/policy/yaml_view.h"

namespace sifguard {
namespace {

/// What a field's text means.
Status set_field(ExpectedDecision& test, std::string_view name, const std::string& value) {
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
  }
  return {};
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

}  // namespace

Result<std::vector<ExpectedDecision>> parse_decision_table(std::string_view text,
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
  if (tests.empty()) return list.error("no test in the table");
  return tests;
}

}  // namespace sifguard
