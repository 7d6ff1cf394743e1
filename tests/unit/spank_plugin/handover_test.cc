// Handing a task to the launcher where Slurm can prepend to its command (23.11 and newer).
#include "spank_plugin/handover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helper/request/answer.h"
#include "tests/unit/spank_plugin/fake_spank.h"

namespace sifguard {
namespace {

using testing::ElementsAre;
using testing::EndsWith;

TEST(Handover, PrependsTheLauncherAlone) {
  fake::start(S_CTX_REMOTE);
  wire::Answer answer = allow_answer();
  start_launcher(fake::handle(), false, answer);
  EXPECT_EQ(answer.exit_status, 0) << answer.message;
  EXPECT_THAT(fake::slurm().prepended, ElementsAre(EndsWith("/libexec/sifguard-launch")));
}

TEST(Handover, RefusesWhenSlurmDoes) {
  fake::start(S_CTX_REMOTE);
  fake::slurm().refuses_prepend = true;
  wire::Answer answer = allow_answer();
  start_launcher(fake::handle(), false, answer);
  EXPECT_EQ(answer.exit_status, 70);
}

}  // namespace
}  // namespace sifguard
