"""Disagreements, meetings, votes, agreed ratings, lessons."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from moderation.database import UTCDateTime

revision: str = '0007'
down_revision: str | None = '0006'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('meeting',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('starts_at', UTCDateTime(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('minutes_per_item', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('moderator_id', sa.String(length=40), nullable=False),
    sa.Column('state', sa.Enum('planned', 'invited', 'in_session', 'concluded', 'minutes_published', 'cancelled', name='meetingstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('started_at', UTCDateTime(), nullable=True),
    sa.Column('concluded_at', UTCDateTime(), nullable=True),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('minutes BETWEEN 5 AND 600', name=op.f('ck_meeting_length')),
    sa.CheckConstraint('minutes_per_item >= 1', name=op.f('ck_meeting_per_item')),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_meeting_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_meeting_area_id')),
    sa.ForeignKeyConstraint(['moderator_id'], ['account.id'], name=op.f('fk_meeting_moderator_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_meeting_area_id_id')),
    )
    with op.batch_alter_table('meeting', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_meeting_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_meeting_round_id'), ['round_id'], unique=False)

    op.create_table('routed_round',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('routed_at', UTCDateTime(), nullable=False),
    sa.Column('cells', sa.Integer(), nullable=False),
    sa.Column('found', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_routed_round_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_routed_round_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_routed_round')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_routed_round_area_id_id')),
    sa.UniqueConstraint('round_id', name=op.f('uq_routed_round_round_id')),
    )
    with op.batch_alter_table('routed_round', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_routed_round_area_id'), ['area_id'], unique=False)

    op.create_table('attendance',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('meeting_id', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('agency_id', sa.String(length=40), nullable=True),
    sa.Column('arrived_at', UTCDateTime(), nullable=True),
    sa.Column('left_at', UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_attendance_account_id')),
    sa.ForeignKeyConstraint(['area_id', 'agency_id'], ['agency.area_id', 'agency.id'], name=op.f('fk_attendance_area_id_agency_id')),
    sa.ForeignKeyConstraint(['area_id', 'meeting_id'], ['meeting.area_id', 'meeting.id'], name=op.f('fk_attendance_area_id_meeting_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_attendance_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attendance')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_attendance_area_id_id')),
    sa.UniqueConstraint('meeting_id', 'account_id', name=op.f('uq_attendance_meeting_id_account_id')),
    )
    with op.batch_alter_table('attendance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attendance_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attendance_meeting_id'), ['meeting_id'], unique=False)

    op.create_table('auditor_letter',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_plan_id', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('letter', sa.String(length=2), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_auditor_letter_account_id')),
    sa.ForeignKeyConstraint(['area_id', 'round_plan_id'], ['round_plan.area_id', 'round_plan.id'], name=op.f('fk_auditor_letter_area_id_round_plan_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_auditor_letter_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auditor_letter')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_auditor_letter_area_id_id')),
    sa.UniqueConstraint('round_plan_id', 'account_id', name=op.f('uq_auditor_letter_round_plan_id_account_id')),
    sa.UniqueConstraint('round_plan_id', 'letter', name=op.f('uq_auditor_letter_round_plan_id_letter')),
    )
    with op.batch_alter_table('auditor_letter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_auditor_letter_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_auditor_letter_round_plan_id'), ['round_plan_id'], unique=False)

    op.create_table('disagreement',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('round_plan_id', sa.String(length=40), nullable=False),
    sa.Column('criterion_key', sa.String(length=40), nullable=False),
    sa.Column('triggers', sa.JSON(), nullable=False),
    sa.Column('stake', sa.Float(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('state', sa.Enum('found', 'listed', 'discussed', 'agreed', 'not_agreed_chair_decided', 'deferred', 'withdrawn', name='disagreementstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_disagreement_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id', 'round_plan_id'], ['round_plan.area_id', 'round_plan.id'], name=op.f('fk_disagreement_area_id_round_plan_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_disagreement_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disagreement')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_disagreement_area_id_id')),
    sa.UniqueConstraint('round_plan_id', 'criterion_key', name=op.f('uq_disagreement_round_plan_id_criterion_key')),
    )
    with op.batch_alter_table('disagreement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_disagreement_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_disagreement_round_id'), ['round_id'], unique=False)

    op.create_table('agreed_rating',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('round_plan_id', sa.String(length=40), nullable=False),
    sa.Column('criterion_key', sa.String(length=40), nullable=False),
    sa.Column('value', sa.Float(), nullable=True),
    sa.Column('non_score', sa.String(length=40), nullable=True),
    sa.Column('basis', sa.Enum('unanimous', 'majority', 'chair', 'not_discussed', 'one_opinion', name='basis', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reason', sa.String(length=2000), nullable=False),
    sa.Column('cause', sa.String(length=60), nullable=False),
    sa.Column('dissent', sa.String(length=2000), nullable=False),
    sa.Column('dissenter', sa.String(length=120), nullable=False),
    sa.Column('quorate', sa.Boolean(), nullable=False),
    sa.Column('meeting_id', sa.String(length=40), nullable=True),
    sa.Column('disagreement_id', sa.String(length=40), nullable=True),
    sa.Column('decided_by', sa.String(length=40), nullable=True),
    sa.Column('decided_at', UTCDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(basis IN ('not_discussed', 'one_opinion')) = (meeting_id IS NULL)", name=op.f('ck_agreed_rating_met')),
    sa.CheckConstraint("basis IN ('not_discussed', 'one_opinion') OR reason <> ''", name=op.f('ck_agreed_rating_reasoned')),
    sa.CheckConstraint('(value IS NULL) <> (non_score IS NULL)', name=op.f('ck_agreed_rating_one_outcome')),
    sa.ForeignKeyConstraint(['area_id', 'disagreement_id'], ['disagreement.area_id', 'disagreement.id'], name=op.f('fk_agreed_rating_area_id_disagreement_id')),
    sa.ForeignKeyConstraint(['area_id', 'meeting_id'], ['meeting.area_id', 'meeting.id'], name=op.f('fk_agreed_rating_area_id_meeting_id')),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_agreed_rating_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id', 'round_plan_id'], ['round_plan.area_id', 'round_plan.id'], name=op.f('fk_agreed_rating_area_id_round_plan_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_agreed_rating_area_id')),
    sa.ForeignKeyConstraint(['decided_by'], ['account.id'], name=op.f('fk_agreed_rating_decided_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreed_rating')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_agreed_rating_area_id_id')),
    sa.UniqueConstraint('round_plan_id', 'criterion_key', name=op.f('uq_agreed_rating_round_plan_id_criterion_key')),
    )
    with op.batch_alter_table('agreed_rating', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agreed_rating_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_agreed_rating_round_id'), ['round_id'], unique=False)

    op.create_table('lesson',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('meeting_id', sa.String(length=40), nullable=False),
    sa.Column('disagreement_id', sa.String(length=40), nullable=False),
    sa.Column('criterion_key', sa.String(length=40), nullable=False),
    sa.Column('text', sa.String(length=2000), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'adopted', 'rejected', name='lessonstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('created_at', UTCDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['area_id', 'disagreement_id'], ['disagreement.area_id', 'disagreement.id'], name=op.f('fk_lesson_area_id_disagreement_id')),
    sa.ForeignKeyConstraint(['area_id', 'meeting_id'], ['meeting.area_id', 'meeting.id'], name=op.f('fk_lesson_area_id_meeting_id')),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_lesson_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_lesson_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lesson')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_lesson_area_id_id')),
    )
    with op.batch_alter_table('lesson', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lesson_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_lesson_round_id'), ['round_id'], unique=False)

    op.create_table('meeting_item',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('meeting_id', sa.String(length=40), nullable=False),
    sa.Column('disagreement_id', sa.String(length=40), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('deferred_reason', sa.String(length=500), nullable=True),
    sa.Column('notes', sa.String(length=4000), nullable=False),
    sa.Column('draft', sa.JSON(), nullable=True),
    sa.Column('former', sa.JSON(), nullable=False),
    sa.Column('step', sa.Enum('waiting', 'evidence', 'discussion', 'voting', 'revealed', name='step', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('step_at', UTCDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['area_id', 'disagreement_id'], ['disagreement.area_id', 'disagreement.id'], name=op.f('fk_meeting_item_area_id_disagreement_id')),
    sa.ForeignKeyConstraint(['area_id', 'meeting_id'], ['meeting.area_id', 'meeting.id'], name=op.f('fk_meeting_item_area_id_meeting_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_meeting_item_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting_item')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_meeting_item_area_id_id')),
    sa.UniqueConstraint('meeting_id', 'disagreement_id', name=op.f('uq_meeting_item_meeting_id_disagreement_id')),
    )
    with op.batch_alter_table('meeting_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_meeting_item_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_meeting_item_meeting_id'), ['meeting_id'], unique=False)

    op.create_table('revote',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('meeting_id', sa.String(length=40), nullable=False),
    sa.Column('disagreement_id', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('agency_id', sa.String(length=40), nullable=True),
    sa.Column('original_rater', sa.Boolean(), nullable=False),
    sa.Column('value', sa.Float(), nullable=True),
    sa.Column('non_score', sa.String(length=40), nullable=True),
    sa.Column('voted_at', UTCDateTime(), nullable=False),
    sa.CheckConstraint('value IS NULL OR non_score IS NULL', name=op.f('ck_revote_one_vote')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_revote_account_id')),
    sa.ForeignKeyConstraint(['area_id', 'agency_id'], ['agency.area_id', 'agency.id'], name=op.f('fk_revote_area_id_agency_id')),
    sa.ForeignKeyConstraint(['area_id', 'disagreement_id'], ['disagreement.area_id', 'disagreement.id'], name=op.f('fk_revote_area_id_disagreement_id')),
    sa.ForeignKeyConstraint(['area_id', 'meeting_id'], ['meeting.area_id', 'meeting.id'], name=op.f('fk_revote_area_id_meeting_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_revote_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revote')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_revote_area_id_id')),
    sa.UniqueConstraint('disagreement_id', 'meeting_id', 'account_id', name=op.f('uq_revote_disagreement_id_meeting_id_account_id')),
    )
    with op.batch_alter_table('revote', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_revote_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_revote_meeting_id'), ['meeting_id'], unique=False)

    op.create_table('ballot',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('item_id', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('value', sa.Float(), nullable=True),
    sa.Column('non_score', sa.String(length=40), nullable=True),
    sa.Column('voted_at', UTCDateTime(), nullable=False),
    sa.CheckConstraint('value IS NULL OR non_score IS NULL', name=op.f('ck_ballot_one_ballot')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_ballot_account_id')),
    sa.ForeignKeyConstraint(['area_id', 'item_id'], ['meeting_item.area_id', 'meeting_item.id'], name=op.f('fk_ballot_area_id_item_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_ballot_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ballot')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_ballot_area_id_id')),
    sa.UniqueConstraint('item_id', 'account_id', name=op.f('uq_ballot_item_id_account_id')),
    )
    with op.batch_alter_table('ballot', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ballot_area_id'), ['area_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('ballot', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ballot_area_id'))

    op.drop_table('ballot')
    with op.batch_alter_table('revote', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_revote_meeting_id'))
        batch_op.drop_index(batch_op.f('ix_revote_area_id'))

    op.drop_table('revote')
    with op.batch_alter_table('meeting_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_meeting_item_meeting_id'))
        batch_op.drop_index(batch_op.f('ix_meeting_item_area_id'))

    op.drop_table('meeting_item')
    with op.batch_alter_table('lesson', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lesson_round_id'))
        batch_op.drop_index(batch_op.f('ix_lesson_area_id'))

    op.drop_table('lesson')
    with op.batch_alter_table('agreed_rating', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_agreed_rating_round_id'))
        batch_op.drop_index(batch_op.f('ix_agreed_rating_area_id'))

    op.drop_table('agreed_rating')
    with op.batch_alter_table('disagreement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_disagreement_round_id'))
        batch_op.drop_index(batch_op.f('ix_disagreement_area_id'))

    op.drop_table('disagreement')
    with op.batch_alter_table('auditor_letter', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_auditor_letter_round_plan_id'))
        batch_op.drop_index(batch_op.f('ix_auditor_letter_area_id'))

    op.drop_table('auditor_letter')
    with op.batch_alter_table('attendance', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attendance_meeting_id'))
        batch_op.drop_index(batch_op.f('ix_attendance_area_id'))

    op.drop_table('attendance')
    with op.batch_alter_table('routed_round', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_routed_round_area_id'))

    op.drop_table('routed_round')
    with op.batch_alter_table('meeting', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_meeting_round_id'))
        batch_op.drop_index(batch_op.f('ix_meeting_area_id'))

    op.drop_table('meeting')
