// What the records of audit logs amount to, and the forms it is written in.
#include "keystore/cli/audit_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sifguard {
namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

Json record(const std::string& event, std::int64_t job, const std::string& user,
            const std::string& node = "n1", const std::string& time = "2026-01-30T10:00:00.000Z") {
  return {{"time", time},      {"event", event}, {"job", job},        {"step", 0},
          {"node", node},      {"user", user},   {"path", "/apps/a"}, {"bindings", {"cow", "barn"}},
          {"signers", {"12"}}, {"key_id", "4c"}};
}

void add_to(AuditReport& report, const Json& one) {
  const std::string line = one.dump(-1, ' ', false, Json::error_handler_t::replace);
  const auto flat = FlatJson::parse(line, {});
  ASSERT_TRUE(flat) << line;
  if (AuditReport::may_count(line)) report.add(*flat);
}

AuditReport report_of(const std::string& by, const std::vector<Json>& records) {
  AuditReport report(by);
  for (const Json& one : records) add_to(report, one);
  return report;
}

TEST(AuditReportTest, AStepOfManyNodesIsOneLaunch) {
  const std::vector<Json> records = {
      record("intent", 7, "alice"), record("started", 7, "alice"),
      record("intent", 7, "alice", "n2"),
      record("started", 7, "alice", "n2", "2026-01-30T10:00:01.000Z")};
  const auto rows = report_of("user", records).rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].name, "alice");
  EXPECT_EQ(rows[0].launches, 1U);
  EXPECT_EQ(rows[0].nodes, 2U);
  EXPECT_EQ(rows[0].first, "2026-01-30T10:00:00.000Z");
  EXPECT_EQ(rows[0].last, "2026-01-30T10:00:01.000Z");
  const auto nodes = report_of("node", records).rows();
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[0].launches + nodes[1].launches, 2U);
}

TEST(AuditReportTest, ManyStepsAreCountedOnceEach) {
  AuditReport report("month");
  for (const char* node : {"n1", "n2", "n3"}) {
    for (std::int64_t job = 1; job <= 500; ++job) add_to(report, record("started", job, "a", node));
  }
  Json second = record("started", 500, "a");
  second["step"] = 0xFFFFFFFEU;
  add_to(report, second);
  second.erase("job");
  add_to(report, second);
  EXPECT_EQ(report.rows().at(0).launches, 502U);
}

TEST(AuditReportTest, LinesThatCannotCountAreToldByTheirBytes) {
  EXPECT_FALSE(AuditReport::may_count(R"({"time":"x","event":"intent","job":7})"));
  EXPECT_FALSE(AuditReport::may_count(R"({"reason":"\"event\":\"started\"","event":"intent"})"));
  EXPECT_TRUE(AuditReport::may_count(R"({"time":"x","event":"started","job":7})"));
  EXPECT_TRUE(AuditReport::may_count(R"({"event" : "intent"})"));
  EXPECT_TRUE(AuditReport::may_count("nonsense"));
}

TEST(AuditReportTest, RefusalsThatWereOnlyCountedCount) {
  Json suppressed = record("suppressed", -1, "bob");
  suppressed.erase("job");
  suppressed["count"] = 40;
  const auto rows = report_of("user", {record("refused", 8, "bob"),
                                       record("refused", 8, "bob", "n2"), suppressed})
                        .rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].refused, 41U);
  EXPECT_EQ(rows[0].launches, 0U);
}

TEST(AuditReportTest, CountsThatAreNoCountsAddNothing) {
  Json odd = record("suppressed", 1, "bob");
  for (const Json& count : {Json(-5), Json("40"), Json(1.5), Json(nullptr)}) {
    odd["count"] = count;
    EXPECT_EQ(report_of("user", {odd}).rows().at(0).refused, 0U) << count;
  }
}

TEST(AuditReportTest, WhatIsNoLaunchIsNotCounted) {
  for (const char* event : {"intent", "explain", "prefetch", "change", "changed", ""}) {
    EXPECT_TRUE(report_of("user", {record(event, 7, "alice")}).rows().empty()) << event;
  }
  Json nothing = Json::object();
  EXPECT_TRUE(report_of("user", {nothing}).rows().empty());
}

TEST(AuditReportTest, EachOfSeveralBindingsHasTheLaunch) {
  const auto rows = report_of("binding", {record("started", 7, "alice")}).rows();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].name, "barn");
  EXPECT_EQ(rows[1].launches, 1U);
}

TEST(AuditReportTest, ARecordWithoutTheValueIsInNoGroup) {
  Json plain = record("started", 7, "alice");
  plain.erase("key_id");
  EXPECT_TRUE(report_of("key", {plain}).rows().empty());
  EXPECT_EQ(report_of("key", {plain}).months().size(), 1U);
}

TEST(AuditReportTest, LargestFirstButMonthsInTheirOrder) {
  const std::vector<Json> records = {record("started", 1, "alice"),
                                     record("started", 2, "bob", "n1", "2026-02-01T00:00:00.000Z"),
                                     record("started", 3, "bob", "n1", "2026-02-01T00:00:00.000Z")};
  const auto users = report_of("user", records).rows();
  ASSERT_EQ(users.size(), 2U);
  EXPECT_EQ(users[0].name, "bob");
  const auto months = report_of("month", records).rows();
  ASSERT_EQ(months.size(), 2U);
  EXPECT_EQ(months[0].name, "2026-01");
}

TEST(AuditReportTest, ACellIsNeitherTwoNorAFormula) {
  const std::string csv =
      format_csv(report_of("user", {record("started", 1, "a\",b"), record("started", 2, "=1+1"),
                                    record("started", 3, "@x"), record("started", 4, "-y"),
                                    record("started", 5, "new\nline")}));
  EXPECT_THAT(csv, HasSubstr("\"a\"\",b\",1,0,0,1,1,1,"));
  EXPECT_THAT(csv, HasSubstr("\"'=1+1\","));
  EXPECT_THAT(csv, HasSubstr("\"'@x\","));
  EXPECT_THAT(csv, HasSubstr("\"'-y\","));
  EXPECT_THAT(csv, HasSubstr("\"new\nline\","));
  EXPECT_THAT(
      csv, testing::StartsWith("user,launches,failed,refused,users,images,nodes,first,last\r\n"));
}

TEST(AuditReportTest, NoNameIsAPartOfThePage) {
  const std::string page = format_html(
      report_of("user", {record("started", 1, "<script>alert(1)</script>"),
                         record("started", 2, "a&b\"'\x1b[2J"), record("refused", 3, "caf\xc3\xa9"),
                         record("refused", 4, "\xff\xfe")}),
      "Made <b>.", "From & to.");
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(page, HasSubstr("a&amp;b&quot;&#39;"));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, Not(HasSubstr("\xff")));
  EXPECT_THAT(page, HasSubstr("Made &lt;b&gt;."));
  EXPECT_THAT(page, HasSubstr("From &amp; to."));
}

TEST(AuditReportTest, APageOfNothingIsAPage) {
  const std::string page = format_html(AuditReport("key"), "", "");
  EXPECT_THAT(page, HasSubstr("</html>"));
  EXPECT_THAT(page, HasSubstr("<th>launches"));
}

TEST(AuditReportTest, LongNamesAreCutWithinAPlotAndWholeInTheTable) {
  std::string name = "/apps/";
  for (int i = 0; i < 40; ++i) name += "\xc3\xa9";
  const std::string page = format_html(report_of("user", {record("started", 1, name)}), "", "");
  EXPECT_THAT(page, HasSubstr("<td>" + name));
  EXPECT_THAT(page, HasSubstr(">\xe2\x80\xa6\xc3\xa9"));
}

}  // namespace
}  // namespace sifguard
