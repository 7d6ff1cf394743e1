#include "keystore/doctor/finding.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

TEST(Findings, LevelIsThatOfTheWorst) {
  Findings findings;
  EXPECT_EQ(findings.level(), 0);
  findings.begin("a");
  findings.warn("x", "w", "do");
  EXPECT_EQ(findings.level(), 1);
  findings.problem("x", "p", "do");
  findings.warn("x", "v", "do");
  EXPECT_EQ(findings.level(), 2);
}

TEST(Findings, KeepsTheSameSentenceOnce) {
  Findings findings;
  findings.begin("a");
  findings.problem("x", "p", "do");
  findings.begin("b");
  findings.problem("x", "p", "else");
  findings.problem("y", "p", "do");
  ASSERT_EQ(findings.all().size(), 2U);
  EXPECT_EQ(findings.all()[0].check, "a");
  EXPECT_EQ(findings.all()[1].where, "y");
}

TEST(Findings, TakesTheRemedyOfAnError) {
  Findings findings;
  findings.begin("a");
  findings.add(Severity::problem, "x", Error(Code::config, "bad", "mend it"), "or not");
  findings.add(Severity::problem, "x", Error(Code::config, "worse"), "restore it");
  EXPECT_EQ(findings.all()[0].remedy, "mend it");
  EXPECT_EQ(findings.all()[1].remedy, "restore it");
}

TEST(Findings, CountsWhatIsTooMuchOfOneCheck) {
  Findings findings;
  findings.begin("a");
  for (std::size_t i = 0; i < Findings::kMaxOfCheck + 50; ++i) {
    findings.warn("x", "w" + std::to_string(i), "do");
  }
  ASSERT_EQ(findings.all().size(), Findings::kMaxOfCheck);
  EXPECT_EQ(findings.all().back().what, "51 more like these");
  EXPECT_EQ(findings.level(), 1);
  findings.problem("x", "at last", "do");
  EXPECT_EQ(findings.all().back().what, "52 more like these");
  EXPECT_EQ(findings.level(), 2) << "a problem does not hide among the warnings";
  findings.begin("b");
  findings.warn("x", "another", "do");
  EXPECT_EQ(findings.all().size(), Findings::kMaxOfCheck + 1);
}

}  // namespace
}  // namespace sifguard
