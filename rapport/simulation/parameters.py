"""The figures the demo world is built from, each with its source.

A figure is either published, and then says where, or an assumption of this simulation, and then
says that. Other numbers in the simulation (places of items, spreads, rates of single clinics) are
scenery, and assumptions too.
"""

from dataclasses import dataclass, fields

ASSUMED = "Assumption of this simulation; no published figure is claimed."


@dataclass(frozen=True, slots=True)
class Figure:
    """One number and where it comes from.

    Attributes:
        value: The number, in the unit that the parameter's name or description gives.
        source: Publication, or the words that mark an assumption.
    """

    value: float
    source: str = ASSUMED

    @property
    def is_published(self) -> bool:
        """Whether the number comes from a publication."""
        return self.source != ASSUMED


_TRYON = "Tryon, Collins Blackwell & Felleman Hammel 2007, Psychother Res 17:629-642."
_FLUECKIGER = "Flückiger, Del Re, Wampold & Horvath 2018, Psychotherapy 55:316."
_SCHIEFELE = (
    "Schiefele et al. 2017 (5.75 to 7.2 % by weighting; 48,648 patients, 1,800 therapists); "
    "Saxon & Barkham 2012 (6.6 to 7.8 %)."
)
_NHS = "NHS Talking Therapies: recovery standard 50 %, reliable improvement 2026/27 ambition 69 %."


@dataclass(frozen=True, slots=True)
class Parameters:
    """True parameters of the demo world.

    Alliance is in points of the item mean (1 to 5), symptoms in points of the total score.
    Shares and probabilities lie between 0 and 1.

    Attributes:
        therapist_outcome_share: Share of the variance of improvement, adjusted for severity at
            start, that lies between therapists.
        alliance_outcome_r: Correlation of a patient's mean alliance with adjusted improvement.
        rater_alliance_r: Correlation of patient's and therapist's alliance over dyads.
        rater_alliance_d: By how much patients rate higher, in standard deviations.
        therapist_alliance_share: Share of the variance of alliance between therapists.
        rupture_share: Share of the episodes of some length in which alliance drops.
        repair_share: Share of these drops that are repaired within three sessions.
        rupture_depth: Size of the drop.
        unrepaired_cost: Loss of improvement by an unrepaired rupture, in standard deviations.
        dropout_share: Share of the episodes that the patient breaks off.
        dropout_alliance_d: Difference in alliance between those who stay and those who do not.
        referred_share: Share of the episodes that end by referral to another service.
        phq_start_public, phq_start_private, gad_start_public, gad_start_private: Mean severity
            at the start, in points.
        phq_start_sd, gad_start_sd: Its standard deviation.
        phq_gad_r: Correlation of the two at the start.
        improvement_share: Part of the severity at start that an average patient loses.
        phq_improvement_sd, gad_improvement_sd: Standard deviation of improvement around that.
        symptom_state_sd: Movement of the PHQ-9 between sessions around its course, in points.
        patient_alliance_mean: Mean of the patients' alliance.
        alliance_sd: Standard deviation of alliance over dyads.
        alliance_state_sd: Movement of alliance between sessions.
        alliance_growth: Gain in alliance from session 1 to session 10.
        appointments_public, appointments_private: Median of planned appointments.
        fortnightly_share: Share of patients who come every two weeks, the others every week.
        video_share, telephone_share: Of all appointments; the others are in person.
        missed_share, patient_cancels_share, clinic_cancels_share: Of all appointments.
        item_missing_patient, item_missing_therapist: Share of items left out of a form.
        wellbeing_given: Share of due well-being forms that come with a patient's form.
        recovery_target, improvement_target: What outcomes of finished episodes should come near.
    """

    therapist_outcome_share: Figure = Figure(0.06, _SCHIEFELE)
    alliance_outcome_r: Figure = Figure(0.28, _FLUECKIGER)
    rater_alliance_r: Figure = Figure(0.36, _TRYON)
    rater_alliance_d: Figure = Figure(0.63, _TRYON)
    therapist_alliance_share: Figure = Figure(0.08)
    rupture_share: Figure = Figure(
        0.46,
        "McLaughlin, Keller, Feeny, Youngstrom & Zoellner 2014, J Consult Clin Psychol 82:112.",
    )
    repair_share: Figure = Figure(0.60)
    rupture_depth: Figure = Figure(1.1)
    unrepaired_cost: Figure = Figure(0.45)
    dropout_share: Figure = Figure(
        0.20, "Swift & Greenberg 2012, J Consult Clin Psychol 80:547 (19.7 %); not re-checked."
    )
    dropout_alliance_d: Figure = Figure(
        0.55, "Sharf, Primavera & Diener 2010, Psychotherapy 47:637; not re-checked."
    )
    referred_share: Figure = Figure(0.05)
    phq_start_public: Figure = Figure(14.0)
    phq_start_private: Figure = Figure(11.0)
    phq_start_sd: Figure = Figure(5.2)
    gad_start_public: Figure = Figure(11.6)
    gad_start_private: Figure = Figure(9.2)
    gad_start_sd: Figure = Figure(4.2)
    phq_gad_r: Figure = Figure(0.60)
    improvement_share: Figure = Figure(0.53)
    phq_improvement_sd: Figure = Figure(4.6)
    gad_improvement_sd: Figure = Figure(3.2)
    symptom_state_sd: Figure = Figure(1.2)
    patient_alliance_mean: Figure = Figure(3.85)
    alliance_sd: Figure = Figure(0.52)
    alliance_state_sd: Figure = Figure(0.22)
    alliance_growth: Figure = Figure(0.15)
    appointments_public: Figure = Figure(12)
    appointments_private: Figure = Figure(15)
    fortnightly_share: Figure = Figure(0.25)
    video_share: Figure = Figure(0.31)
    telephone_share: Figure = Figure(0.07)
    missed_share: Figure = Figure(0.05)
    patient_cancels_share: Figure = Figure(0.07)
    clinic_cancels_share: Figure = Figure(0.025)
    item_missing_patient: Figure = Figure(0.010)
    item_missing_therapist: Figure = Figure(0.005)
    wellbeing_given: Figure = Figure(0.90)
    recovery_target: Figure = Figure(0.50, _NHS)
    improvement_target: Figure = Figure(0.65, _NHS)

    def as_rows(self) -> dict[str, dict[str, float | str]]:
        """Return every parameter as name → value and source, in the order of the class."""
        return {
            field.name: {
                "value": getattr(self, field.name).value,
                "source": getattr(self, field.name).source,
            }
            for field in fields(self)
        }
