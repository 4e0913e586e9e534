#include "signal/sections.h"

#include <math.h>

#include "base/error.h"

/* The poles of z^2 + a1 z + a2 lie inside the unit circle: the stability triangle (Jury). */
static bool is_stable(const hari_section *section)
{
    return fabs(section->a2) < 1.0 && fabs(section->a1) < 1.0 + section->a2;
}

static bool is_finite(const hari_section *section)
{
    return isfinite(section->b0) && isfinite(section->b1) && isfinite(section->b2) &&
           isfinite(section->a1) && isfinite(section->a2);
}

int32_t hari_sections_build(hari_signal_step *step, hari_vector sections, hari_pool *pool,
                            const char *path, har_error *error)
{
    if (sections.count < 1 || sections.count > HARI_MAX_SECTIONS)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, sections.count, "1 to",
                               HARI_MAX_SECTIONS, "%s.sections count", path);
    step->sections = hari_pool_alloc(pool, sections.count, sizeof *step->sections);
    if (!step->sections) return hari_fail(error, HAR_ERR_MEMORY, "%s.sections", path);
    step->section_count = sections.count;
    for (uint32_t i = 0; i < sections.count; i++) {
        hari_section *section = &step->sections[i];
        *section =
            (hari_section){hari_f64_of(sections, 5 * i), hari_f64_of(sections, 5 * i + 1),
                           hari_f64_of(sections, 5 * i + 2), hari_f64_of(sections, 5 * i + 3),
                           hari_f64_of(sections, 5 * i + 4)};
        if (!is_finite(section))
            return hari_fail_text(error, HAR_ERR_FILE_MEANING,
                                  "has a coefficient that is not finite", "%s.sections[%u]", path,
                                  i);
        if (!is_stable(section))
            return hari_fail_text(error, HAR_ERR_FILE_MEANING, "is not a stable filter",
                                  "%s.sections[%u]", path, i);
    }
    return HAR_OK;
}

/* Section by section, because channels do not wait for each other. */
void hari_sections_run(const hari_signal_step *step, double *state, double *values)
{
    const uint32_t each = hari_sections_state(step);
    for (uint32_t s = 0; s < step->section_count; s++) {
        const hari_section c = step->sections[s];
        double *z = state + 2 * s;
        for (uint32_t i = 0; i < step->channel_count; i++, z += each) {
            const double x = values[i];
            const double y = c.b0 * x + z[0];
            z[0] = c.b1 * x - c.a1 * y + z[1];
            z[1] = c.b2 * x - c.a2 * y;
            values[i] = y;
        }
    }
}
