#include "keystore/doctor/runtime_version.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

TEST(RuntimeVersion, ReadsWhatRuntimesPrint) {
  const auto apptainer = parse_runtime_version("apptainer version 1.4.5-1.el9\n");
  ASSERT_TRUE(apptainer);
  EXPECT_TRUE(apptainer->apptainer);
  EXPECT_EQ(apptainer->major, 1);
  EXPECT_EQ(apptainer->minor, 4);
  EXPECT_EQ(apptainer->shown, "apptainer version 1.4.5-1.el9");
  const auto ce = parse_runtime_version("singularity-ce version 4.1.0+12-g1234");
  ASSERT_TRUE(ce);
  EXPECT_FALSE(ce->apptainer);
  EXPECT_EQ(ce->major, 4);
}

TEST(RuntimeVersion, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {"", "apptainer", "apptainer version ", "apptainer version x.1", "apptainer version 1",
        "apptainer version 1.x", "podman version 5.0.0", "apptainer version -1.2",
        "apptainer version 99999999999.1", "\napptainer version 1.4.5"}) {
    EXPECT_FALSE(parse_runtime_version(text)) << text;
  }
}

TEST(RuntimeVersion, KnowsWhatIsTooOld) {
  const auto old = [](const char* text) { return too_old(*parse_runtime_version(text)); };
  EXPECT_NE(old("apptainer version 1.1.9"), "");
  EXPECT_EQ(old("apptainer version 1.2.0"), "");
  EXPECT_EQ(old("apptainer version 2.0.0"), "");
  EXPECT_NE(old("singularity version 3.3.0"), "");
  EXPECT_NE(old("singularity version 3.4.0").find("--sif-env"), std::string::npos);
  EXPECT_NE(old("singularity version 3.8.0-1.el8").find("--sif-env"), std::string::npos);
  EXPECT_NE(old("singularity-ce version 3.8"), "");
  EXPECT_EQ(old("singularity version 3.8.1"), "");
  EXPECT_EQ(old("singularity-ce version 3.8.10-jammy"), "");
  EXPECT_EQ(old("singularity-ce version 3.9.0"), "");
  EXPECT_EQ(old("singularity-ce version 4.0.0"), "");
}

}  // namespace
}  // namespace sifguard
